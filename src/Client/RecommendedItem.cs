using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Client;

/// <summary>One item of a page.</summary>
public sealed record RecommendedItem
{
    /// <summary>Id of the item.</summary>
    public string ItemId { get; init; } = "";

    /// <summary>Position, counted from 0 over all pages of a chain.</summary>
    public int Position { get; init; }

    /// <summary>Recall channels that found it.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>Its scores at each stage.</summary>
    public ItemScores Scores { get; init; } = new();

    /// <summary>Why it is on the page, as in <c>tag:ballad</c>.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>The ranker's inputs for the item, by feature; null unless the request asked for them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>>? Features { get; init; }

    /// <summary>Members that this client does not know, under the service's names.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

/// <summary>Scores of one item; null where a stage did not score it.</summary>
public sealed record ItemScores
{
    /// <summary>Score in each channel that found it.</summary>
    public IReadOnlyDictionary<string, double>? Recall { get; init; }

    /// <summary>Score of pre-ranking.</summary>
    public double? PreRank { get; init; }

    /// <summary>Fused score of fine ranking, 0..1.</summary>
    public double? FineRank { get; init; }

    /// <summary>Probability of each objective.</summary>
    public IReadOnlyDictionary<string, double>? Objectives { get; init; }

    /// <summary>Relevance that re-ranking started from, 0..1.</summary>
    public double? Final { get; init; }

    /// <summary>Gain in the diversity step; null when relevance or a rule alone chose the item.</summary>
    public double? DiversityGain { get; init; }

    /// <summary>Scores that this client does not know, under the service's names.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}
