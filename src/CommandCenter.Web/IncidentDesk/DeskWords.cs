namespace CommandCenter.Web.IncidentDesk;

/// <summary>Names the desk's texts: DeskWords.resx holds Chinese, DeskWords.en.resx English. Keys are the same in both; a test compares them.</summary>
public sealed class DeskWords;
