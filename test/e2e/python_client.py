"""A client that knows no more than an address: it learns the contract by server reflection and calls every RPC.

Usage: python_client.py SERVER PHOTO_A PHOTO_B MANIFEST ONNX PAIRS_CSV. Prints what came back as one JSON object.
"""
import io
import json
import sys
import tarfile

import grpc
from google.protobuf import descriptor_pb2, message_factory

REFLECTION = "grpc.reflection.v1alpha"
STRING, BYTES, MESSAGE = 9, 12, 11
OPTIONAL, REPEATED = 1, 3
CHUNK_BYTES = 1024 * 1024
UNKNOWN_JOB = "jobs/00000000-0000-4000-8000-000000000000"


def reflection_messages():
    """The part of grpc/reflection/v1alpha/reflection.proto that is needed, described by hand."""
    file = descriptor_pb2.FileDescriptorProto(name="reflection.proto", package=REFLECTION, syntax="proto3")

    def message(name, *fields):
        described = file.message_type.add(name=name)
        for number, field_name, kind, label, type_name in fields:
            field = described.field.add(name=field_name, number=number, type=kind, label=label)
            if type_name:
                field.type_name = f".{REFLECTION}.{type_name}"

    message("Request",
            (4, "file_containing_symbol", STRING, OPTIONAL, None),
            (7, "list_services", STRING, OPTIONAL, None))
    message("Files", (1, "file_descriptor_proto", BYTES, REPEATED, None))
    message("Service", (1, "name", STRING, OPTIONAL, None))
    message("Services", (1, "service", MESSAGE, REPEATED, "Service"))
    message("Response",
            (4, "file_descriptor_response", MESSAGE, OPTIONAL, "Files"),
            (6, "list_services_response", MESSAGE, OPTIONAL, "Services"))
    messages = message_factory.GetMessages([file])
    return messages[f"{REFLECTION}.Request"], messages[f"{REFLECTION}.Response"]


class Contract:
    """Every service of a server with its messages, as reflection tells."""

    def __init__(self, channel):
        self.channel = channel
        self.called = set()
        self.request_type, self.response_type = reflection_messages()
        # An empty string in a field without presence would not be sent.
        listed = self.ask(list_services="*").list_services_response
        self.services = sorted(service.name for service in listed.service)
        files = {}
        for service in self.services:
            for content in self.ask(file_containing_symbol=service).file_descriptor_response.file_descriptor_proto:
                file = descriptor_pb2.FileDescriptorProto.FromString(content)
                files[file.name] = file
        self.messages = message_factory.GetMessages(list(files.values()))
        self.methods = {
            f"{file.package}.{service.name}/{method.name}": method
            for file in files.values() for service in file.service for method in service.method
        }

    def ask(self, **question):
        call = self.channel.stream_stream(
            f"/{REFLECTION}.ServerReflection/ServerReflectionInfo",
            self.request_type.SerializeToString, self.response_type.FromString)
        return next(call(iter([self.request_type(**question)]), timeout=30))

    def type_named(self, name):
        return self.messages[name.lstrip(".")]

    def call(self, path, requests):
        """Calls a method of whatever kind with a list of requests; answers the list of responses."""
        method = self.methods[path]
        self.called.add(path)
        streams = ("stream" if method.client_streaming else "unary", "stream" if method.server_streaming else "unary")
        stub = getattr(self.channel, "_".join(streams))(
            f"/{path}", self.type_named(method.input_type).SerializeToString,
            self.type_named(method.output_type).FromString)
        answer = stub(iter(requests) if method.client_streaming else requests[0], timeout=120)
        return list(answer) if method.server_streaming else [answer]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def verification(contract, photo_a, photo_b):
    """What every RPC of FaceVerificationService answers."""
    service = "symface.v1.FaceVerificationService"
    kind = lambda name: contract.type_named(f"symface.v1.{name}")
    image_a, image_b = kind("Image")(content=photo_a), kind("Image")(content=photo_b)
    pair = kind("VerifyRequest")(image_a=image_a, image_b=image_b)
    broken = kind("VerifyRequest")(image_a=image_a, image_b=kind("Image")(content=b"no image"))
    detected, = contract.call(f"{service}/DetectFaces", [kind("DetectFacesRequest")(image=image_a)])
    embedded, = contract.call(f"{service}/Embed", [kind("EmbedRequest")(image=image_a)])
    verified, = contract.call(f"{service}/Verify", [pair])
    batch, = contract.call(f"{service}/BatchVerify", [kind("BatchVerifyRequest")(pairs=[
        kind("VerifyPair")(image_a=image_a, image_b=image_a), kind("VerifyPair")(image_a=image_a, image_b=broken.image_b),
    ])])
    many, = contract.call(f"{service}/VerifyMany", [kind("VerifyManyRequest")(
        probe=image_a, images=[image_a, image_b, broken.image_b])])
    streamed = contract.call(f"{service}/StreamVerify", [
        kind("StreamVerifyRequest")(correlation_id=str(index), request=request)
        for index, request in enumerate([pair, broken, pair])
    ])
    try:
        contract.call(f"{service}/Verify", [broken])
        refusal = "OK"
    except grpc.RpcError as error:
        refusal = error.code().name
    return {
        "faces": len(detected.faces),
        "embeddingLength": sum(value * value for value in embedded.embeddings[0].values) ** 0.5,
        "similarity": verified.similarity,
        "matched": verified.matched,
        "batch": [result.WhichOneof("outcome") for result in batch.results],
        "batchMatched": batch.results[0].response.matched,
        "many": [result.WhichOneof("outcome") for result in many.results],
        "stream": {answer.correlation_id: answer.result.WhichOneof("outcome") for answer in streamed},
        "refusal": refusal,
    }


def enrolment(contract, photo_a, photo_b):
    """What every RPC of EnrollmentService answers, and those of FaceVerificationService that need its subjects."""
    service, faces = "symface.v1.EnrollmentService", "symface.v1.FaceVerificationService"
    kind = lambda name: contract.type_named(f"symface.v1.{name}")

    def ask(method, owner=service, **fields):
        return contract.call(f"{owner}/{method}", [kind(f"{method}Request")(**fields)])[0]

    image_a, image_b = kind("Image")(content=photo_a), kind("Image")(content=photo_b)
    collection = ask("CreateCollection", collection_id="python", display_name="Python",
                     quality_gate=kind("QualityGate")(minimum_rho=0.001)).collection
    ask("UpdateCollection", name=collection.name, display_name="from Python")
    indexing = ask("IndexCollection", name=collection.name, remove=True).job
    subject = ask("CreateSubject", parent=collection.name, subject_id="one").subject
    ask("UpdateSubject", name=subject.name, consent_to_train=True)
    request = dict(parent=subject.name, images=[image_a, kind("Image")(content=b"no image")], request_id="python-1")
    enrolled = ask("EnrollFaces", **request)
    replayed = ask("EnrollFaces", **request)
    ask("EnrollFaces", parent=f"{collection.name}/subjects/other", images=[image_b], create_subject=True)
    face = enrolled.results[0].face
    verified = ask("VerifySubject", owner=faces, subject=subject.name, image=image_a)
    identified = ask("Identify", owner=faces, collection=collection.name, image=image_b, max_candidates=1)
    templates = ask("VerifyTemplates", collection=collection.name, repair=True)
    got = ask("GetEnrolledFace", name=face.name).face
    assert ask("GetEnrolledFaceCrop", name=face.name).image
    listed = [
        [item.name for item in ask("ListCollections").collections],
        [item.name for item in ask("ListSubjects", parent=collection.name).subjects],
        [item.name for item in ask("ListEnrolledFaces", parent=subject.name).faces],
    ]
    twice = ask("CreateSubject", parent=collection.name, subject_id="twice").subject
    # The stricter of both consents stays.
    ask("UpdateSubject", name=twice.name, consent_to_train=True)
    merged = ask("MergeSubjects", target=subject.name, source=twice.name)
    return {
        "indexing": [indexing.indexing.collection == collection.name, indexing.indexing.remove],
        "merged": [merged.subject.name == subject.name, merged.moved_face_count],
        "gate": round(ask("GetCollection", name=collection.name).collection.quality_gate.minimum_rho, 6),
        "consent": ask("GetSubject", name=subject.name).subject.consent_to_train,
        "results": [result.WhichOneof("outcome") for result in enrolled.results],
        "replayed": [enrolled.replayed, replayed.replayed, replayed.results[0].face == face],
        "verified": [verified.matched, verified.best_face == face.name],
        "identified": [candidate.subject for candidate in identified.candidates],
        "templates": [templates.checked_face_count, len(templates.unreadable_templates)],
        "gotTheSame": got == face,
        "listed": listed[0] == [collection.name] and subject.name in listed[1] and listed[2] == [face.name],
        "receipts": [
            ask("DeleteEnrolledFace", name=face.name).receipt.face_count,
            ask("DeleteSubject", name=subject.name).receipt.subject_count,
            ask("DeleteCollection", name=collection.name).receipt.template_count,
        ],
    }


def administration(contract):
    """What every RPC of AdminService answers."""
    service = "symface.v1.AdminService"
    kind = lambda name: contract.type_named(f"symface.v1.{name}")

    def ask(method, **fields):
        return contract.call(f"{service}/{method}", [kind(f"{method}Request")(**fields)])[0]

    created = ask("CreateApiKey", tenant="python", role=1)
    limited = ask("UpdateApiKey", name=created.api_key.name, images_per_day=100)
    revoked = ask("RevokeApiKey", name=created.api_key.name)
    events = ask("ListAuditEvents", page_size=3).events
    caller = ask("GetCaller")
    return {
        "caller": [caller.actor, caller.tenant, caller.role],
        "secret": created.secret.startswith("sfk_"),
        "limited": [limited.api_key.requests_per_second, limited.api_key.images_per_day],
        "revoked": revoked.api_key.revoke_time != "",
        "listed": created.api_key.name in [key.name for key in ask("ListApiKeys").api_keys],
        "audit": [event.action for event in events],
        "details": events[2].details["tenant"],
    }


def operations(contract):
    """What OperationsService answers."""
    request = contract.type_named("symface.v1.GetServiceStatusRequest")()
    status, = contract.call("symface.v1.OperationsService/GetServiceStatus", [request])
    chunks = contract.call("symface.v1.OperationsService/Backup", [contract.type_named("symface.v1.BackupRequest")()])
    backup = tarfile.open(fileobj=io.BytesIO(b"".join(chunk.chunk for chunk in chunks)))
    return {
        "ready": status.ready,
        "database": status.database.answers,
        "gateways": sum(replica.gateway for replica in status.replicas),
        # How full the disk is depends on the machine that tests.
        "problems": [problem.alert for problem in status.problems if problem.alert != "SymfaceDiskFull"],
        "failures": all(failure.reason for failure in status.failures),
        "backup": [backup.getnames()[0], backup.getnames()[-1]],
    }


def encryption(contract):
    """What every RPC of EncryptionService answers; the rotation is cancelled, since it takes half a minute."""
    def ask(method):
        request = contract.type_named(f"symface.v1.{method}Request")()
        return contract.call(f"symface.v1.EncryptionService/{method}", [request])[0]

    rewrapped = ask("RewrapDataKeys")
    rotated = ask("RotateDataKey").job
    contract.call("symface.v1.JobService/CancelJob", [contract.type_named("symface.v1.CancelJobRequest")(name=rotated.name)])
    status = ask("GetEncryptionStatus")
    return {
        "rewrapped": rewrapped.rewrapped_key_count,
        "masterKey": status.master_key_id == rewrapped.master_key_id,
        "rotation": rotated.key_rotation.data_key,
        "dataKeys": [key.number for key in status.data_keys],
    }


def last_state(contract, job):
    """A job once it has ended."""
    request = contract.type_named("symface.v1.WatchJobRequest")(name=job.name)
    return contract.call("symface.v1.JobService/WatchJob", [request])[-1].job


def benchmark(contract, pairs_file):
    """What every RPC of BenchmarkService answers."""
    service = "symface.v1.BenchmarkService"
    kind = lambda name: contract.type_named(f"symface.v1.{name}")

    def ask(method, **fields):
        return contract.call(f"{service}/{method}", [kind(f"{method}Request")(**fields)])[0]

    ask("RegisterDataset", dataset_id="python", format=6, path=pairs_file)
    created = ask("CreateBenchmarkRun", dataset="datasets/python").job
    ended = last_state(contract, created)
    name = ended.benchmark_run.name
    got = ask("GetBenchmarkRun", name=name).benchmark_run
    compared = ask("CompareBenchmarkRuns", first=name, second=name)
    worst = ask("ListWorstPairs", benchmark_run=name)
    try:
        ask("CalibrateModelVersion", benchmark_run=name, allow_unsupported_rate=True)
        calibrated = "OK"
    except grpc.RpcError as error:
        # Two pairs support no false match rate.
        calibrated = error.code().name
    try:
        ask("CalibrateFromEnrolledFaces", allow_unsupported_rate=True)
        enrolled = "OK"
    except grpc.RpcError as error:
        # One face has no pair.
        enrolled = error.code().name
    point = ask("GetOperatingPoint").operating_point
    try:
        ask("SetOperatingPoint", false_match_rate=0.3)
        refused = "OK"
    except grpc.RpcError as error:
        refused = error.code().name
    calibration = ask("GetModelCalibration", model_version=got.model_version)
    return {
        "compared": [compared.pair_count, compared.p_value],
        "faces": [pair.first.aligned_png[:4].hex() for pair in worst.false_matches],
        "calibrated": [calibrated, enrolled],
        "point": [point.false_match_rate, refused],
        "calibration": calibration.HasField("calibration"),
        "datasets": [dataset.name for dataset in ask("ListDatasets").datasets],
        "states": [created.state, ended.state],
        "work": ended.WhichOneof("work"),
        "pairs": [got.report.genuine_pair_count, got.report.impostor_pair_count],
        "listed": name in [item.name for item in ask("ListBenchmarkRuns").benchmark_runs],
    }


def training(contract):
    """What every RPC of TrainingService answers where the active model cannot be trained: a result or a status."""
    service = "symface.v1.TrainingService"
    kind = lambda name: contract.type_named(f"symface.v1.{name}")

    def ask(method, **fields):
        try:
            return contract.call(f"{service}/{method}", [kind(f"{method}Request")(**fields)])[0]
        except grpc.RpcError as error:
            return error.code().name

    return {
        "created": ask("CreateTraining"),
        "report": ask("GetTrainingReport", name=UNKNOWN_JOB),
        "schedule": [
            ask("GetTrainingSchedule"),
            len(ask("UpdateTrainingSchedule", cron="0 3 * * 0", validate_only=True).next_times),
            ask("UpdateTrainingSchedule", after_new_faces=1000).training_schedule.after_new_faces,
            ask("GetTrainingSchedule").training_schedule.after_new_faces,
            ask("DeleteTrainingSchedule").DESCRIPTOR.name,
            ask("GetTrainingSchedule"),
        ],
    }


def assessment(contract):
    """What every RPC of AssessmentService answers: the version that models() imported is rejected, and cannot decide."""
    service = "symface.v1.AssessmentService"
    kind = lambda name: contract.type_named(f"symface.v1.{name}")

    def ask(method, **fields):
        try:
            return contract.call(f"{service}/{method}", [kind(f"{method}Request")(**fields)])[0]
        except grpc.RpcError as error:
            return error.code().name

    versions, = contract.call("symface.v1.ModelService/ListModelVersions", [kind("ListModelVersionsRequest")()])
    candidate = next(version for version in versions.model_versions if version.display_name == "tiny")
    ended = last_state(contract, ask("CreateAssessment", model_version=candidate.name).job)
    return {
        "state": ended.state,
        "verdict": ended.assessment.verdict,
        "failed": sorted(check.check for check in ended.assessment.report.checks if not check.passed),
        "shadow": ask("StartShadow", model_version=candidate.name, share=0.5),
        "stopped": ask("StopShadow").HasField("shadow"),
        "shadows": len(ask("ListShadows").shadows),
    }


def jobs(contract):
    """What every RPC of JobService answers, after jobs of three kinds have ended."""
    service = "symface.v1.JobService"
    kind = lambda name: contract.type_named(f"symface.v1.{name}")

    def ask(method, **fields):
        try:
            return contract.call(f"{service}/{method}", [kind(f"{method}Request")(**fields)])[0]
        except grpc.RpcError as error:
            return error.code().name

    listed = ask("ListJobs").jobs
    assessed = next(job for job in listed if job.HasField("assessment"))
    return {
        "works": [job.WhichOneof("work") for job in listed],
        "activations": len(ask("ListJobs", kind=3, state=3).jobs),
        "ofModel": sorted({job.WhichOneof("work") for job in ask(
            "ListJobs", model_version=assessed.assessment.model_version).jobs}),
        "gotTheSame": ask("GetJob", name=assessed.name).job == assessed,
        # It comes too late to change anything.
        "cancelled": ask("CancelJob", name=assessed.name).job == assessed,
        "unknown": [ask(f"{verb}Job", name=UNKNOWN_JOB) for verb in ("Get", "Watch", "Cancel")],
    }


def deletion(contract):
    """What ModelService answers where the version that models() imported is deleted, and once more."""
    kind = lambda name: contract.type_named(f"symface.v1.{name}")
    path = "symface.v1.ModelService/DeleteModelVersion"
    versions, = contract.call("symface.v1.ModelService/ListModelVersions", [kind("ListModelVersionsRequest")()])
    name = next(version.name for version in versions.model_versions if version.display_name == "tiny")
    request = kind("DeleteModelVersionRequest")(name=name)
    deleted, = contract.call(path, [request])
    try:
        contract.call(path, [request])
        again = "OK"
    except grpc.RpcError as error:
        again = error.code().name
    return {"templates": deleted.template_count, "again": again}


def models(contract, manifest, graph):
    """What every RPC of ModelService answers; the active models are the same afterwards."""
    service = "symface.v1.ModelService"
    kind = lambda name: contract.type_named(f"symface.v1.{name}")
    listed, = contract.call(f"{service}/ListModelVersions", [kind("ListModelVersionsRequest")()])
    backbones = (version for version in listed.model_versions if version.kind == 1)  # MODEL_KIND_BACKBONE
    active = next(version for version in backbones if version.active)
    got, = contract.call(f"{service}/GetModelVersion", [kind("GetModelVersionRequest")(name=active.name)])
    upload = [kind("ImportModelVersionRequest")(manifest_json=manifest.decode())] + [
        kind("ImportModelVersionRequest")(graph_chunk=graph[start:start + CHUNK_BYTES])
        for start in range(0, len(graph), CHUNK_BYTES)
    ]
    imported, = contract.call(f"{service}/ImportModelVersion", upload)
    again, = contract.call(f"{service}/ImportModelVersion", upload)
    ask = lambda method, **fields: contract.call(
        f"{service}/{method}", [kind(f"{method}Request")(**fields)])[0]
    changed = last_state(contract, ask(
        "CreateActivation", model_version=imported.model_version.name, allow_without_threshold=True).job)
    undone = last_state(contract, ask("RollBackActivation").job)
    return {
        "states": [changed.state, undone.state],
        "backAgain": undone.activation.model_version == active.name,
        "gotTheSame": got.model_version == active,
        "created": [imported.created, again.created],
    }


def main():
    server, photo_a, photo_b, manifest, graph, pairs_file = sys.argv[1:]
    with grpc.insecure_channel(server) as channel:
        contract = Contract(channel)
        health, = contract.call("grpc.health.v1.Health/Check", [
            contract.type_named("grpc.health.v1.HealthCheckRequest")(service="symface.v1.FaceVerificationService")])
        answers = {
            "services": contract.services,
            "methods": sorted(contract.methods),
            "serving": health.status == 1,
            "verification": verification(contract, read(photo_a), read(photo_b)),
            "enrolment": enrolment(contract, read(photo_a), read(photo_b)),
            "administration": administration(contract),
            "operations": operations(contract),
            "encryption": encryption(contract),
            "benchmark": benchmark(contract, pairs_file),
            "training": training(contract),
            "models": models(contract, read(manifest), read(graph)),
            "assessment": assessment(contract),
            "jobs": jobs(contract),
            "deletion": deletion(contract),
        }
        print(json.dumps({**answers, "called": sorted(contract.called)}))


main()
