using System.Globalization;
using System.Text.Json;
using Running;

namespace Contract.Tests;

/// <summary>What was acknowledged is kept exactly once, whatever process is killed (SIGKILL) while 2,000 messages a second come in.</summary>
public sealed class NoLossTests
{
    private const int Kills = 3;
    private const int ReadingsBetweenKills = 3_000;

    /// <summary>Far more than needed on a quiet machine.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Killed_three_times_with_its_own_broker_the_program_keeps_every_acknowledged_message_once()
    {
        var plan = new NoLossPlan();
        await using var center = await RunningCenter.StartAsync();
        await NoLossLoad.RegisterAsync(center, plan);
        await using var load = new NoLossLoad(plan, center.MqttPort);
        load.Start();
        for (var i = 0; i < Kills; i++)
        {
            await load.AcknowledgeAsync(ReadingsBetweenKills, Within);
            await center.KillAsync();
            await center.StartAgainAsync();
        }

        await load.AcknowledgeAsync(ReadingsBetweenKills, Within);
        await load.FinishAsync(Within);
        await JudgeAsync(load, center, "own broker, program killed");
    }

    [Fact]
    public async Task Behind_mosquitto_the_killed_ingest_process_loses_and_doubles_nothing()
    {
        var plan = new NoLossPlan();
        await using var mosquitto = await Mosquitto.StartAsync();
        var gateway = FreePorts.Next();
        await using var center = await RunningCenter.StartAsync(
            "--Broker:Mode=External", "--Broker:Host=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"--Broker:Port={mosquitto.Port}"), "--Broker:Subscribe=false",
            string.Create(CultureInfo.InvariantCulture, $"--Cluster:GatewayPort={gateway}"), string.Create(CultureInfo.InvariantCulture, $"--Cluster:SiloPort={FreePorts.Next()}"));
        await NoLossLoad.RegisterAsync(center, plan);
        await using var ingest = await RunningIngest.StartAsync(gateway, mosquitto.Port);
        await using var load = new NoLossLoad(plan, mosquitto.Port);
        load.Start();
        for (var i = 0; i < Kills; i++)
        {
            await load.AcknowledgeAsync(ReadingsBetweenKills, Within);
            await ingest.Program.KillAsync();
            await load.AcknowledgeAsync(ReadingsBetweenKills / 5, Within);
            await ingest.StartAgainAsync();
        }

        await load.AcknowledgeAsync(ReadingsBetweenKills, Within);
        await load.FinishAsync(Within);
        await JudgeAsync(load, center, "mosquitto in front, ingest process killed");
    }

    private static async Task JudgeAsync(NoLossLoad load, RunningCenter center, string what)
    {
        var counts = await load.CountAsync(center, Within);
        Console.WriteLine($"No loss, {what}: {counts}");
        Assert.True(counts.IsPerfect, $"{what}: {counts}{Environment.NewLine}{center.Output}");
        Assert.True(counts is { Acknowledged: > (Kills + 1) * ReadingsBetweenKills, Events: > 0, SentAgain: >= 0 }, counts.ToString());
        var open = (await center.GetAsync("api/v1/warnings?limit=1000")).GetProperty("items").EnumerateArray().Count(warning => warning.GetProperty("state").ValueEquals("raised"));
        Assert.True(open > 0, "The events raised warnings.");
    }
}
