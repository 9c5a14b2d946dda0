using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;

namespace CommandCenter.Grains.Tests.Incidents;

/// <summary>The page docs/incident-lifecycle.md is made from Decide: a change of the life shows as a change of the page.</summary>
public sealed class LifecycleDiagramTests
{
    [Fact]
    public void The_page_of_the_life_is_what_Decide_does() =>
        Golden.CheckText(Path.Combine(Golden.Root, "docs", "incident-lifecycle.md"), Draw());

    private static string Draw()
    {
        var now = Town.Start.AddMinutes(1);
        var states = Stages.All.Where(stage => stage.Name is not ("suspended" or "merged")).ToList();
        var edges = new List<(string From, string To, string By)>();
        var stays = new List<(string From, string By)>();
        foreach (var (name, state) in states)
        {
            foreach (var command in Stages.Commands)
            {
                Add(name, state, Word(command), IncidentLife.Decide(state, command, Town.Desk, now, Town.Setting));
            }

            foreach (var command in Stages.TaskCommands)
            {
                Add(name, state, "task " + Word(command), IncidentLife.Decide(state, Stages.Task, command, Town.Desk));
            }
        }

        var text = new StringBuilder();
        text.Append("# The life of an incident\n\n");
        text.Append("Made by `LifecycleDiagramTests` from `IncidentLife.Decide`; do not edit by hand. A command that is not listed for a state is refused with `not_in_this_phase`.\n");
        text.Append("The example has one task with an arrival limit. `dispatch` and free orders are accepted from `reported` to `handled` and lead to `dispatched`.\n\n");
        text.Append("```mermaid\nstateDiagram-v2\n    [*] --> reported\n");
        foreach (var edge in edges.GroupBy(edge => (edge.From, edge.To)))
        {
            text.Append("    ").Append(edge.Key.From).Append(" --> ").Append(edge.Key.To).Append(": ").Append(string.Join(", ", edge.Select(step => step.By).Distinct())).Append('\n');
        }

        text.Append("```\n\n| State | Commands that do not change it |\n|---|---|\n");
        foreach (var (name, _) in states)
        {
            text.Append("| ").Append(name).Append(" | ").Append(string.Join(", ", stays.Where(stay => stay.From == name).Select(stay => stay.By).Distinct())).Append(" |\n");
        }

        return text.ToString();

        void Add(string name, Incident state, string word, Decision decision)
        {
            if (decision.Refusal is not null)
            {
                return;
            }

            var after = Stages.Then(state, null, [.. decision.Events]);
            var to = after.View.MergedInto is null ? NameOf(after.View.State) : "merged";
            if (to == name)
            {
                stays.Add((name, word));
            }
            else
            {
                edges.Add((name, to, word));
            }
        }
    }

    private static string NameOf(IncidentState state) => state.ToString().ToLowerInvariant();

    private static string Word(object command) => command switch
    {
        VerifyIncident { Passed: true } => "verify passed", VerifyIncident => "verify failed", ReportUpIncident => "report-up", AssignDownIncident => "assign-down",
        ArriveAtTask => "arrive",
        _ => command.GetType().Name.Replace("Incident", string.Empty, StringComparison.Ordinal).Replace("Task", string.Empty, StringComparison.Ordinal).ToLowerInvariant(),
    };
}
