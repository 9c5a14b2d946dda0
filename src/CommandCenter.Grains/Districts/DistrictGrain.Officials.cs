using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Districts;

// Official warnings are the district's: they hold for several streets, and no device of ours has measured them.
internal sealed partial class DistrictGrain
{
    public async Task<WarningId?> PutOfficialAsync(OfficialWarning official)
    {
        // What ended and is issued again under its old onset is a new occurrence: a cleared warning never stands up again.
        var id = WarningDeciding.IdOf(OfficialDeciding.Rule, official.Subject, official.OnsetAt.ToUnixTimeMilliseconds());
        if (!official.Cancelled && _judgement.Warnings.Find(id) is null && await _warnings.FindAsync(id) is { State: WarningState.Cleared })
        {
            official = official with { OnsetAt = official.SentAt };
        }

        var after = _judgement.PutOfficial(official, _clock.Now);
        await CompleteTurnAsync();
        return after?.Id;
    }
}
