using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Districts;

// Official warnings are the district's: they hold for several streets, and no device of ours has measured them.
internal sealed partial class DistrictGrain
{
    public async Task<WarningId?> PutOfficialAsync(OfficialWarning official)
    {
        var after = _judgement.PutOfficial(official, _clock.Now);
        await CompleteTurnAsync();
        return after?.Id;
    }
}
