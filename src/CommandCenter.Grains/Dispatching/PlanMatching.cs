using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;

namespace CommandCenter.Grains.Dispatching;

/// <summary>A plan that fits, how well, and why, in sentences.</summary>
internal sealed record PlanMatch(Plan Plan, int Score, ImmutableArray<string> Why);

/// <summary>Which plans fit an incident. Best first; equal ones by id, so that the same incident always gets the same answer.</summary>
internal static class PlanMatching
{
    public static ImmutableArray<PlanMatch> Match(Incident incident, IEnumerable<Plan> plans) =>
    [
        .. plans.Select(plan => Match(incident, plan)).Where(match => match.Score > 0)
            .OrderByDescending(match => match.Score).ThenBy(match => match.Plan.Id.Value, StringComparer.Ordinal),
    ];

    /// <summary>Score 0: nothing speaks for it but a person's choice.</summary>
    public static PlanMatch Match(Incident incident, Plan plan)
    {
        var view = incident.View;
        var score = 0;
        var why = ImmutableArray.CreateBuilder<string>();
        if (view.Plan == plan.Id)
        {
            score += 8;
            why.Add(view.PlanVersion is { } version ? $"本事件已按预案 {plan.Id} 第 {version} 版派遣。" : $"预警规则指定预案 {plan.Id}。");
        }

        if (incident.Warnings.FirstOrDefault(warning => plan.Rules.Contains(warning.Rule.Value)) is { } warning)
        {
            score += 4;
            why.Add($"规则 {warning.Rule} 的{Words.Of(warning.Colour)}色预警({warning.SubjectName ?? warning.Subject})在本预案的启动规则之内。");
        }

        if (plan.Classes.Contains(view.Class))
        {
            score += 2;
            why.Add($"事件类别 {view.Class} {IncidentClasses.Find(view.Class)?.Name.Zh} 适用本预案。");
        }

        if (score > 0 && view.Colour is { } colour && !plan.Colours.IsEmpty)
        {
            if (plan.Colours.Contains(colour))
            {
                score += 1;
                why.Add($"预警颜色{Words.Of(colour)}达到启动条件({string.Join('、', plan.Colours.Order().Select(Words.Of))})。");
            }
            else
            {
                why.Add($"预警颜色{Words.Of(colour)}未达自动推荐的启动条件({string.Join('、', plan.Colours.Order().Select(Words.Of))}),由值班人员决定是否启动。");
            }
        }

        if (score == 0)
        {
            why.Add("由值班人员手工选择。");
        }

        return new PlanMatch(plan, score, why.ToImmutable());
    }
}

/// <summary>Chinese words for what sentences name.</summary>
internal static class Words
{
    public static string Of(Colour colour) => colour switch
    {
        Colour.Blue => "蓝", Colour.Yellow => "黄", Colour.Orange => "橙", Colour.Red => "红", _ => colour.ToString(),
    };

    public static string Of(int responseLevel) => responseLevel switch { 1 => "Ⅰ", 2 => "Ⅱ", 3 => "Ⅲ", _ => "Ⅳ" };
}
