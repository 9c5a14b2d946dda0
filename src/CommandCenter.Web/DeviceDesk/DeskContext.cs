using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Texts;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>What every part of the device desk needs to know: who works here, and the names of areas and vocabulary.</summary>
public sealed record DeskContext(Actor Actor, AreaId District, ImmutableArray<AreaDescription> Areas, Vocabulary Vocabulary)
{
    /// <summary>Where a device may stand: the streets, and outside.</summary>
    public IEnumerable<AreaDescription> Streets => Areas.Where(area => area.Kind is AreaKind.Street or AreaKind.Outside);

    public IEnumerable<AreaDescription> Overlays => Areas.Where(area => area.Kind == AreaKind.Overlay);

    public string AreaName(AreaId id) => Areas.FirstOrDefault(area => area.Id == id) is { } found ? Vocabulary.Say(found.Name) : id.Value;
}
