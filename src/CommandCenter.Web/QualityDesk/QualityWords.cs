namespace CommandCenter.Web.QualityDesk;

/// <summary>Names the texts of the quality page.</summary>
public sealed class QualityWords;
