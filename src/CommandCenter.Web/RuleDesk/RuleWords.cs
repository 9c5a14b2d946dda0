namespace CommandCenter.Web.RuleDesk;

/// <summary>Names the texts of the rule desk.</summary>
public sealed class RuleWords;
