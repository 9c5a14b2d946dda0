using System.Xml.Linq;
using CommandCenter.Grains.Contracts;
using Xunit;

namespace CommandCenter.Web.Tests.Texts;

public sealed class WordsTests
{
    private static Dictionary<string, string> Read(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
        {
            folder = folder.Parent;
        }

        return XDocument.Load(Path.Combine(folder!.FullName, "src", "CommandCenter.Web", "Texts", file)).Root!
            .Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value, StringComparer.Ordinal);
    }

    [Fact]
    public void Both_languages_say_the_same_things()
    {
        var chinese = Read("Words.resx");
        var english = Read("Words.en.resx");
        Assert.Equal(chinese.Keys.Order(StringComparer.Ordinal), english.Keys.Order(StringComparer.Ordinal));
        Assert.All(chinese.Keys, key =>
        {
            Assert.NotEmpty(chinese[key]);
            Assert.NotEmpty(english[key]);
            for (var place = 0; place < 4; place++)
            {
                Assert.Equal(chinese[key].Contains($"{{{place}}}", StringComparison.Ordinal), english[key].Contains($"{{{place}}}", StringComparison.Ordinal));
            }
        });
    }

    [Fact]
    public void Every_state_of_the_contracts_has_a_word()
    {
        var words = Read("Words.resx");
        var wanted = Enum.GetNames<IncidentState>().Select(name => "incident_state." + name)
            .Concat(Enum.GetNames<TaskState>().Select(name => "task_state." + name))
            .Concat(Enum.GetNames<DeviceState>().Select(name => "device_state." + name))
            .Concat(Enum.GetNames<GovernanceDomain>().Select(name => "domain." + name))
            .Concat(Enum.GetNames<Colour>().Select(name => "colour." + name))
            .Concat(Enum.GetNames<VitalBand>().Select(name => "band." + name))
            .Concat(Enum.GetNames<Refusal>().Select(name => "refusal." + name));
        Assert.All(wanted, key => Assert.Contains(key.ToLowerInvariant(), words.Keys));
    }
}
