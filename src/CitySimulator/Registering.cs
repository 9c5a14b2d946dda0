using System.Net.Http.Json;

namespace CitySimulator;

/// <summary>Registers the devices over the platform's public interface, as any outside system would.</summary>
internal static class Registering
{
    public static async Task RegisterAsync(Uri api, string? key, IReadOnlyList<SimulatedDevice> devices, Action<string> report, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = api, Timeout = TimeSpan.FromSeconds(30) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add("X-Api-Key", key);
        }

        for (var i = 0; i < devices.Count; i++)
        {
            using var response = await client.PutAsJsonAsync($"api/v1/devices/{devices[i].Id}", Document(devices[i]), cancellation);
            if (!response.IsSuccessStatusCode)
            {
                var answer = await response.Content.ReadAsStringAsync(cancellation);
                throw new UnfitInputException($"{api}api/v1/devices/{devices[i].Id} answered {(int)response.StatusCode}: {answer}");
            }

            if ((i + 1) % 50 == 0 || i + 1 == devices.Count)
            {
                report($"registered {i + 1}/{devices.Count}");
            }
        }
    }

    private static object Document(SimulatedDevice device) => new
    {
        name = device.Name, kind = device.Kind, street = device.Street, lon = device.Longitude, lat = device.Latitude, crs = "wgs84", domain = device.Domain,
        intervalSeconds = device.IntervalSeconds, tags = device.Tags, areas = device.Areas,
        quantities = device.Quantities.Select(quantity => new { name = quantity.Name, unit = quantity.Unit }), source = (object?)null,
    };
}
