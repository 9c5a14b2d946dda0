using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using IotIngest.Receiving;

namespace CommandCenter.Web.Api;

/// <summary>What one page of kept messages became when it was decoded again; <see cref="Next"/> is passed back as cursor, null at the end.</summary>
internal sealed record DecodedPage(
    int Messages, int Passed, int Refused, int Live, int HistoryOnly, ImmutableSortedDictionary<string, int> ByReason, string? Next)
{
    public static DecodedPage Nothing { get; } = new(0, 0, 0, 0, 0, ImmutableSortedDictionary<string, int>.Empty, null);

    /// <summary>This page and those before it.</summary>
    public DecodedPage Add(DecodedPage next) => new(
        Messages + next.Messages, Passed + next.Passed, Refused + next.Refused, Live + next.Live, HistoryOnly + next.HistoryOnly,
        next.ByReason.Aggregate(ByReason, (sum, reason) => sum.SetItem(reason.Key, sum.GetValueOrDefault(reason.Key) + reason.Value)), next.Next);
}

/// <summary>Decodes refused messages again: load a page, decode and deliver, and only then write what became of them. Broken off anywhere, it can be done again.</summary>
internal static class KeptMessages
{
    public const int PageDefault = 200;
    public const int PageMax = 500;

    public static async Task<DecodedPage> DecodePageAsync(IGrainFactory grains, DecodingAgain again, RejectionQuery wanted, Actor actor, CancellationToken cancellation)
    {
        var ledger = grains.GetGrain<IIngestLedgerGrain>(0);
        var page = await ledger.LoadKeptAsync(wanted, actor);
        if (page.Items.IsEmpty)
        {
            return DecodedPage.Nothing;
        }

        var decoded = await again.DecodeAsync(page.Items, cancellation);
        await ledger.SettleKeptAsync(decoded.Outcomes);
        return new(
            page.Items.Length, decoded.Passed, decoded.Refused, decoded.Live, decoded.HistoryOnly,
            decoded.Outcomes.SelectMany(outcome => outcome.Refusals).CountBy(refusal => Words.Of(refusal.Reason)).ToImmutableSortedDictionary(StringComparer.Ordinal), page.Next);
    }
}
