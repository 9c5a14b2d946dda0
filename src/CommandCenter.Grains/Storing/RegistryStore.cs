using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>Registered devices.</summary>
internal sealed class RegistryStore(OperationsDatabase database) : IRegistryStore
{
    private const string List = "devices";

    public Task<ImmutableArray<DeviceRegistration>> LoadAllAsync(CancellationToken cancellation = default) =>
        database.ReadAsync(async (context, token) => Read(await context.Devices.OrderBy(row => row.Id).ToListAsync(token)), cancellation);

    public Task<ImmutableArray<DeviceRegistration>> LoadByStreetAsync(AreaId street, CancellationToken cancellation = default) =>
        database.ReadAsync(async (context, token) => Read(await context.Devices.Where(row => row.Area == street.Value).OrderBy(row => row.Id).ToListAsync(token)), cancellation);

    public Task<DeviceRegistration?> FindAsync(DeviceId id, CancellationToken cancellation = default) =>
        database.ReadAsync(async (context, token) => await context.Devices.SingleOrDefaultAsync(row => row.Id == id.Value, token) is { } row ? Read(row) : null, cancellation);

    public Task SaveAsync(IReadOnlyList<DeviceRegistration> devices, IReadOnlyList<AuditRow> audit, CancellationToken cancellation = default)
    {
        // The last word about a device counts; the fixed order keeps two writers from waiting for each other in a ring.
        var rows = devices.GroupBy(device => device.Id).Select(group => Row(group.Last())).OrderBy(row => row.Id, StringComparer.Ordinal).ToList();
        return database.WriteAsync(
            async (context, token) =>
            {
                await context.UpsertAsync(rows, WhenThere.Replace, token);
                await AuditStore.WriteAsync(context, audit, token);
            },
            cancellation);
    }

    public Task<Page<DeviceRegistration>> ListAsync(DeviceQuery query, Actor actor, CancellationToken cancellation = default)
    {
        Cursor.CheckLimit(query.Limit);
        var after = Cursor.Read(List, query.Cursor);
        var kinds = query.Kinds.IsDefault ? [] : query.Kinds.ToArray();
        return database.ReadAsync(
            async (context, token) =>
            {
                var rows = context.Devices.Where(row => !row.Internal).SeenBy(actor).In(query.Areas);
                if (kinds.Length > 0)
                {
                    rows = rows.Where(row => kinds.Contains(row.Kind));
                }

                if (after is { } place)
                {
                    rows = rows.After(place.Text, row => row.Id);
                }

                var found = await rows.OrderBy(row => row.Id).Take(query.Limit + 1).ToListAsync(token);
                return Cursor.Cut(List, found, query.Limit, Read, row => new Cursor(0, row.Id));
            },
            cancellation);
    }

    public Task<ImmutableArray<BrokerAccount>> LoadAccountsAsync(CancellationToken cancellation = default) =>
        database.ReadAsync<ImmutableArray<BrokerAccount>>(
            async (context, token) => [.. (await context.BrokerAccounts.OrderBy(row => row.Device).ToListAsync(token)).Select(row => Documents.Read<BrokerAccount>(row.Document))], cancellation);

    public Task SaveAccountAsync(BrokerAccount account, AuditRow audit, CancellationToken cancellation = default) =>
        database.WriteAsync(
            async (context, token) =>
            {
                await context.UpsertAsync([new BrokerAccountRow { Device = account.Device.Value, Document = Documents.Write(account) }], WhenThere.Replace, token);
                await AuditStore.WriteAsync(context, [audit], token);
            },
            cancellation);

    private static DeviceRow Row(DeviceRegistration device) => new()
    {
        Id = device.Id.Value,
        Area = device.Street.Value,
        Overlays = Scopes.Overlays(device.Areas),
        Kind = device.Kind,
        Internal = device.Internal,
        Document = Documents.Write(device),
    };

    private static DeviceRegistration Read(DeviceRow row) => Documents.Read<DeviceRegistration>(row.Document) with { Internal = row.Internal };

    private static ImmutableArray<DeviceRegistration> Read(List<DeviceRow> rows) => [.. rows.Select(Read)];
}
