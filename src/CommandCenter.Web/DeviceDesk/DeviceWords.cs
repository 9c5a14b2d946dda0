namespace CommandCenter.Web.DeviceDesk;

/// <summary>Names the texts of the device desk: DeviceWords.resx holds Chinese, DeviceWords.en.resx English. Keys are the same in both; a test compares them.</summary>
public sealed class DeviceWords;
