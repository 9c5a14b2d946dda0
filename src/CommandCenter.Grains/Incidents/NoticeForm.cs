namespace CommandCenter.Grains.Incidents;

/// <summary>What every notice carries: whose it is, and that a drill is one.</summary>
internal static class NoticeForm
{
    private const string Sender = "【钟楼城运】";
    private const string DrillMark = "【演练】";

    public static string Sign(string text, bool drill)
    {
        var signed = text.StartsWith(Sender, StringComparison.Ordinal) ? text : Sender + text;
        return drill ? DrillMark + signed : signed;
    }
}
