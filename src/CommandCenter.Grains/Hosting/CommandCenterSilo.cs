using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Dispatching;
using CommandCenter.Grains.Districts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.History;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Notices;
using CommandCenter.Grains.Officials;
using CommandCenter.Grains.Pushing;
using CommandCenter.Grains.Registry;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Streets;
using CommandCenter.Grains.Warnings;
using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Hosting;

/// <summary>Where the rooms of a silo are wired, in the order of the flow.</summary>
public static class CommandCenterSilo
{
    /// <summary>Adds every room to a host that also runs an Orleans silo. The caller has added <see cref="DomainClock"/>,
    /// <see cref="StoringOptions"/>, <see cref="HistoryOptions"/> and <see cref="GeographyOptions"/> (as IOptions).</summary>
    public static IServiceCollection AddCommandCenterRooms(this IServiceCollection services) => services
        .AddGeography()
        .AddRegistry()
        .AddHistory()
        .AddStoring()
        .AddStreets()
        .AddRules()
        .AddWarnings()
        .AddIncidents()
        .AddDispatching()
        .AddNotices()
        .AddDistricts()
        .AddOfficials()
        .AddPushing();
}
