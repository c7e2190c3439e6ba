using KgOrleans.Inference.Features;

namespace KgOrleans.Inference.RankLogs;

/// <summary>
/// First record of a rank log, as JSON. It describes all later records. Readers find columns by name and skip unknown ones, so that a log may have more columns
/// than a reader needs (logits, propensities).
/// </summary>
public sealed record RankLogHeader
{
    /// <summary>The format that this code writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Format of the file.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Catalogue that ids belong to.</summary>
    public string WorldId { get; init; } = "";

    /// <summary>Name of the program that wrote the log, for people.</summary>
    public string Source { get; init; } = "";

    /// <summary>Objectives in the order of labels.</summary>
    public IReadOnlyList<string> Objectives { get; init; } = [];

    /// <summary>
    /// The feature schema that filled the tensors. Id tensors hold 64-bit keys rather than rows of a vocabulary, since a log outlives vocabularies.
    /// </summary>
    public FeatureSchema Schema { get; init; } = new();

    /// <summary>Vocabulary of each id feature that the schema names.</summary>
    public IReadOnlyDictionary<string, string> Vocabularies { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns of every record, in order.</summary>
    public IReadOnlyList<RankLogColumn> Columns { get; init; } = [];

    /// <summary>Position of a column; -1 when the log lacks it.</summary>
    public int Find(string column)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Name == column)
                return i;
        }
        return -1;
    }

    /// <summary>A header with the columns that every log has: the tensors of the schema, then the columns of the request, then those of the rows.</summary>
    public static RankLogHeader Create(string worldId, string source, IReadOnlyList<string> objectives, FeaturePlan plan) => new()
    {
        WorldId = worldId,
        Source = source,
        Objectives = objectives,
        Schema = plan.Schema,
        Vocabularies = plan.Schema.Inputs.SelectMany(i => i.Features).Select(f => FeatureRegistry.Find(f)!)
            .Where(f => f.Vocabulary is not null).ToDictionary(f => f.Name, f => f.Vocabulary!),
        Columns =
        [
            .. plan.Inputs.Select(i => new RankLogColumn(
                i.Spec.Name, i.Spec.Type == TensorType.Float ? RankLogType.Float : RankLogType.Int64, i.Width, i.IsPerRequest)),
            new RankLogColumn(RankLogColumn.At, RankLogType.Int64, 1, PerRequest: true),
            new RankLogColumn(RankLogColumn.User, RankLogType.Int64, 1, PerRequest: true),
            new RankLogColumn(RankLogColumn.Request, RankLogType.Int64, 1, PerRequest: true),
            new RankLogColumn(RankLogColumn.HeldOut, RankLogType.Uint8, 1, PerRequest: true),
            new RankLogColumn(RankLogColumn.Item, RankLogType.Int64, 1, PerRequest: false),
            new RankLogColumn(RankLogColumn.Position, RankLogType.Int64, 1, PerRequest: false),
            new RankLogColumn(RankLogColumn.Exposed, RankLogType.Uint8, 1, PerRequest: false),
            new RankLogColumn(RankLogColumn.Labels, RankLogType.Uint8, objectives.Count, PerRequest: false),
        ],
    };
}
