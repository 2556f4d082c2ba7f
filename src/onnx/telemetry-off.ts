// ONNX Runtime reads this when it is loaded. Without it every process that loads it writes a device id and a database into
// the user's home, and looks up a collector's host.
process.env['ORT_DISABLE_TELEMETRY'] = '1';
