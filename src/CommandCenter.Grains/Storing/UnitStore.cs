using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>Response units, and which tasks bind them.</summary>
internal sealed class UnitStore(OperationsDatabase database) : IUnitStore
{
    public Task<ImmutableArray<ResponseUnit>> LoadAllAsync(CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) => (await context.Units.OrderBy(row => row.Id).ToListAsync(token)).Select(row => Documents.Read<ResponseUnit>(row.Document)).ToImmutableArray(),
            cancellation);

    public Task SaveAsync(ResponseUnit unit, AuditRow audit, CancellationToken cancellation = default)
    {
        var row = new UnitRow { Id = unit.Id.Value, Document = Documents.Write(unit) };
        return database.WriteAsync(
            async (context, token) =>
            {
                await context.UpsertAsync([row], WhenThere.Replace, token);
                await AuditStore.WriteAsync(context, [audit], token);
            },
            cancellation);
    }

    public Task<ImmutableDictionary<ResponseUnitId, ImmutableArray<TaskId>>> LoadBindingTasksAsync(CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) =>
            {
                var binding = await context.Tasks.Where(row => row.Binds).OrderBy(row => row.IssuedAt).ThenBy(row => row.Id).Select(row => new { row.Unit, row.Id }).ToListAsync(token);
                return binding.GroupBy(row => row.Unit, StringComparer.Ordinal)
                    .ToImmutableDictionary(unit => new ResponseUnitId(unit.Key), unit => unit.Select(row => new TaskId(row.Id)).ToImmutableArray());
            },
            cancellation);
}
