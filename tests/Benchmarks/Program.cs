using System.Globalization;
using BenchmarkDotNet.Running;
using Benchmarks.Load;
using Benchmarks.Parts;

// Benchmarks parts [filter…]      the parts, by BenchmarkDotNet
// Benchmarks whole [messages]     the real program against the bare broker in one run, then publish → frame times
// Benchmarks flood [rate] [s]     a storm of QoS 0 beside a few QoS 1 events (200,000/s for 60 s)
// Benchmarks alarms [devices] [s] every device crosses red within a minute: frames, rings, memory, incidents, quality (30,000 in 60 s)
// Benchmarks external [messages]  through mosquitto: a bare client against the whole program
// Benchmarks peer [seconds]       Node-RED and the command center under the same load
// Benchmarks history [rows] [url] the history alone over a day of 10,000 devices; with an address in that InfluxDB, else in a file
// Benchmarks load H M C N Q       N messages of QoS Q over C connections to a program that runs on HTTP port H and MQTT port M, for a profiler beside it
// Benchmarks frames H M R S       publish → frame times of such a program at R messages a second over S seconds
// Benchmarks fuzz [inputs] [seed]  mutated payloads through every decoder; ends with 1 when one throws, hangs or allocates too much
// Benchmarks bare-broker M H      the yardstick itself, started by the run above
switch (args)
{
    case ["bare-broker", var mqtt, var http]:
        await BareBroker.RunAsync(int.Parse(mqtt, CultureInfo.InvariantCulture), int.Parse(http, CultureInfo.InvariantCulture));
        return 0;
    case ["whole", .. var rest]:
        await WholeRun.RunAsync(rest is [var messages, ..] ? long.Parse(messages, CultureInfo.InvariantCulture) : 1_000_000);
        return 0;
    case ["flood", .. var rest]:
        await FloodRun.RunAsync(rest is [var rate, ..] ? int.Parse(rate, CultureInfo.InvariantCulture) : 200_000, rest is [_, var period, ..] ? int.Parse(period, CultureInfo.InvariantCulture) : 60);
        return 0;
    case ["alarms", .. var rest]:
        await AlarmRun.RunAsync(rest is [var devices, ..] ? int.Parse(devices, CultureInfo.InvariantCulture) : 30_000, rest is [_, var minute, ..] ? int.Parse(minute, CultureInfo.InvariantCulture) : 60);
        return 0;
    case ["external", .. var rest]:
        await ExternalRun.RunAsync(rest is [var count, ..] ? long.Parse(count, CultureInfo.InvariantCulture) : 400_000);
        return 0;
    case ["peer", .. var rest]:
        await PeerRun.RunAsync(rest is [var seconds, ..] ? int.Parse(seconds, CultureInfo.InvariantCulture) : 10);
        return 0;
    case ["history", .. var rest]:
        await HistoryRun.RunAsync(rest is [var rows, ..] ? long.Parse(rows, CultureInfo.InvariantCulture) : 10_000_000, rest is [_, var influx, ..] ? influx : null);
        return 0;
    case ["load", .. { Length: 5 } numbers]:
        var n = Array.ConvertAll(numbers, number => int.Parse(number, CultureInfo.InvariantCulture));
        await WholeRun.LoadAsync(n[0], n[1], new LoadPlan(n[2], n[3], n[4], 200, 0));
        return 0;
    case ["frames", .. { Length: 4 } numbers]:
        var f = Array.ConvertAll(numbers, number => int.Parse(number, CultureInfo.InvariantCulture));
        await WholeRun.FramesAsync(f[0], f[1], f[2], f[3]);
        return 0;
    case ["fuzz", .. var rest]:
        return await FuzzRun.RunAsync(
            rest is [var inputs, ..] ? long.Parse(inputs, CultureInfo.InvariantCulture) : 1_000_000, rest is [_, var seed, ..] ? int.Parse(seed, CultureInfo.InvariantCulture) : Environment.TickCount);
    case ["parts", .. var filters]:
        BenchmarkSwitcher.FromAssembly(typeof(BareBroker).Assembly).Run(filters is [] ? ["--filter", "*"] : filters);
        return 0;
    default:
        Console.Error.WriteLine("usage: Benchmarks parts [BenchmarkDotNet arguments] | whole [messages] | flood [rate] [seconds] | alarms [devices] [seconds] | external [messages] | peer [seconds] | history [rows] [address of InfluxDB] | load … | frames … | fuzz [inputs] [seed]");
        return 2;
}
