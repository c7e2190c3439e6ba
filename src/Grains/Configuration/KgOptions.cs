using KgOrleans.Grains.Events;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Requests;
using KgOrleans.Grains.Scenes;
using KgOrleans.Grains.Scoring;
using KgOrleans.Grains.Shards;
using KgOrleans.Grains.Users;

namespace KgOrleans.Grains.Configuration;

/// <summary>Configuration section <c>Kg</c> of a silo: every feature's options, so that all errors can be named at once.</summary>
public sealed class KgOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Kg";

    /// <summary>Where durable data lives.</summary>
    public DataOptions Data { get; set; } = new();

    /// <summary>How the catalogue is divided.</summary>
    public ShardOptions Shards { get; set; } = new();

    /// <summary>What catalogue this is.</summary>
    public CatalogueOptions Catalogue { get; set; } = new();

    /// <summary>Which model serves.</summary>
    public ModelOptions Model { get; set; } = new();

    /// <summary>CPU work outside of grain turns.</summary>
    public ScoringOptions Scoring { get; set; } = new();

    /// <summary>How users' state is written.</summary>
    public UserStateOptions UserState { get; set; } = new();

    /// <summary>Which requests are remembered.</summary>
    public RequestLogOptions Requests { get; set; } = new();

    /// <summary>What events mean.</summary>
    public EventOptions Events { get; set; } = new();

    /// <summary>How scenes are written.</summary>
    public SceneOptions Scenes { get; set; } = new();

    /// <summary>Everything that is wrong, each with the name of its setting; empty when the process may start.</summary>
    public IReadOnlyList<string> Validate()
    {
        var checks = new SettingChecks();
        Data.Check(checks);
        Shards.Check(checks);
        Catalogue.Check(checks);
        Scoring.Check(checks);
        UserState.Check(checks);
        Requests.Check(checks);
        Events.Check(checks);
        Scenes.Check(checks);
        return checks.Errors;
    }
}
