"""A complete client. From the repository's root, with a server running and grpcio installed:
npx buf build --as-file-descriptor-set -o symface.binpb && python3 examples/verify.py symface.binpb a.jpg b.jpg
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, message_factory

contract_file, file_a, file_b, server = (sys.argv[1:] + ["127.0.0.1:50051"])[:4]
with open(contract_file, "rb") as contract:
    files = descriptor_pb2.FileDescriptorSet.FromString(contract.read()).file
messages = message_factory.GetMessages(files)
VerifyRequest, VerifyResponse = messages["symface.v1.VerifyRequest"], messages["symface.v1.VerifyResponse"]

request = VerifyRequest()
for image, path in ((request.image_a, file_a), (request.image_b, file_b)):
    with open(path, "rb") as photograph:
        image.content = photograph.read()

with grpc.insecure_channel(server) as channel:
    verify = channel.unary_unary(
        "/symface.v1.FaceVerificationService/Verify", VerifyRequest.SerializeToString, VerifyResponse.FromString
    )
    verdict = verify(request, timeout=30)
print("match" if verdict.matched else "no match", f"{verdict.similarity:.4f}",
      f"threshold {verdict.threshold.similarity:.4f}")
