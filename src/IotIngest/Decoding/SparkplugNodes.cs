namespace IotIngest.Decoding;

internal sealed class SparkplugNodes;
