namespace CommandCenter.Web.Texts;

/// <summary>Names the screens' texts: Words.resx holds Chinese, Words.en.resx English. Keys are the same in both; a test compares them.</summary>
public sealed class Words;
