using CitySimulator;

const string usage = """
    The pretended city. It speaks only MQTT.

      replay FILE.csv --device ID --column NAME --quantity Q [--speed N] [--unit U] [--street CODE] [--interval-seconds S]
             publishes a recorded series, its times moved to now, distances divided by N (default 1)
      run    [--scenario normal|rainstorm] [--devices N] [--seed N] [--api URL [--key KEY]]
             plays the city until Ctrl+C; with --api it registers its devices first
    Both:    [--host 127.0.0.1] [--port 1883] [--username U --password P]
    """;
string[] broker = ["host", "port", "username", "password"];
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    switch (args.FirstOrDefault())
    {
        case "replay":
            await ReplayAsync(new(args.Skip(1), ["device", "column", "quantity", "speed", "unit", "street", "interval-seconds", .. broker]));
            return 0;
        case "run":
            await PlayAsync(new(args.Skip(1), ["scenario", "devices", "seed", "api", "key", .. broker]));
            return 0;
        default:
            Console.Error.WriteLine(usage);
            return args.Length == 0 ? 0 : 2;
    }
}
catch (UnfitInputException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or HttpRequestException or InvalidOperationException or MQTTnet.Exceptions.MqttCommunicationException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

async Task ReplayAsync(CommandLine line)
{
    if (line.Words.Count != 1)
    {
        throw new UnfitInputException("Name one file: replay FILE.csv --device ID --column NAME --quantity Q");
    }

    var order = new ReplayOrder
    {
        File = line.Words[0], Device = line.Required("device"), Column = line.Required("column"), Quantity = line.Required("quantity"),
        Speed = line.Number("speed", 1, 0.001, 1_000_000), Unit = line.Text("unit"), Street = line.Text("street") ?? "outside",
        Step = line.Text("interval-seconds") is null ? null : TimeSpan.FromSeconds(line.Number("interval-seconds", 0, 0.001, 86_400 * 366.0)),
    };
    using var text = File.OpenText(order.File);
    var series = RecordedSeries.Read(text, order.Column, order.Step);
    Console.WriteLine(FormattableString.Invariant($"{Path.GetFileName(order.File)}: {series.Values.Count} values, {series.Missing} missing, {(series.Values[^1].Offset - series.Values[0].Offset) / order.Speed:d\\.hh\\:mm\\:ss} at speed {order.Speed}"));
    var published = await Replay.RunAsync(series, order, Broker(line), Console.WriteLine, stop.Token);
    Console.WriteLine($"{published} published, {series.Missing} missing values left out");
}

async Task PlayAsync(CommandLine line)
{
    var scenario = line.Text("scenario") ?? SimulatedCity.Storm;
    if (!SimulatedCity.Scenarios.Contains(scenario))
    {
        throw new UnfitInputException($"There is no scenario '{scenario}'; there are: {string.Join(", ", SimulatedCity.Scenarios)}.");
    }

    var seed = (int)line.Number("seed", 320404, 0, int.MaxValue);
    var devices = CityPlan.Make((int)line.Number("devices", CityPlan.DefaultDevices, 1, CityPlan.DevicesMax), seed, []);
    if (line.Text("api") is { } api)
    {
        if (!Uri.TryCreate(api.TrimEnd('/') + "/", UriKind.Absolute, out var address))
        {
            throw new UnfitInputException($"--api must be an address such as http://localhost:5080, not '{api}'.");
        }

        await Registering.RegisterAsync(address, line.Text("key"), devices, Console.WriteLine, stop.Token);
    }

    await SimulatedCity.RunAsync(Broker(line, seed, scenario), devices, TimeProvider.System, stop.Token);
}

CityOptions Broker(CommandLine line, int seed = 0, string scenario = SimulatedCity.Storm) => new()
{
    Host = line.Text("host") ?? "127.0.0.1", Port = (int)line.Number("port", 1883, 1, 65_535), Username = line.Text("username"), Password = line.Text("password"),
    Seed = seed == 0 ? Environment.ProcessId : seed, Scenario = scenario, Report = Console.WriteLine,
};
