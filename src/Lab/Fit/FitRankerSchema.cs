using KgOrleans.Inference.Features;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Lab.Fit;

/// <summary>
/// What the fine ranker of a fitted bundle reads: numbers alone, so that it needs no vocabularies. Features of user and request order nothing; they take up
/// what makes users and hours differ, which would otherwise be laid to the items that they were shown.
/// </summary>
internal static class FitRankerSchema
{
    // Rows of a run of the graph, as in the demo bundle.
    private const int BatchSize = 128;

    private static readonly string[] User = ["user.isKnown", "user.logFollows", "user.logCounts"];
    private static readonly string[] Context = ["context.hourSin", "context.hourCos", "context.weekend"];
    private static readonly string[] Item = ["item.quality", "item.qualityMissing", "item.logDuration", "item.durationMissing"];

    private static readonly string[] Dynamic =
    [
        "dynamic.ageDecay1d", "dynamic.ageDecay7d", "dynamic.ageDecay30d", "dynamic.ageless", "dynamic.logImpressions", "dynamic.logPlays",
        "dynamic.logLikes", "dynamic.logHot", "dynamic.playRate", "dynamic.likeRate",
    ];

    private static readonly string[] Cross =
    [
        "cross.factors", "cross.tagWeight", "cross.tagMatches", "cross.creatorWeight", "cross.songWeight", "cross.recentCreator", "cross.recentSong",
        "cross.followed", "cross.sameRegion", "cross.sameLanguage",
    ];

    // Of items that came without a content vector they would only repeat the tags.
    private static readonly string[] Content = ["cross.contentLong", "cross.contentShort"];

    /// <summary>The schema.</summary>
    /// <param name="contentDimension">Components of the items' content vectors; 0 leaves out what is made of them.</param>
    public static FeatureSchema Of(int contentDimension)
    {
        InputSpec[] inputs =
        [
            Input("user", 1, User, User.Length - 1 + EventTypes.OfModels), Input("context", 1, Context, Context.Length),
            Input("item", BatchSize, Item, Item.Length), Input("dynamic", BatchSize, Dynamic, Dynamic.Length),
            contentDimension > 0 ? Input("cross", BatchSize, [.. Cross, .. Content], Cross.Length + Content.Length)
                : Input("cross", BatchSize, Cross, Cross.Length),
        ];
        return new FeatureSchema
        {
            BatchSize = BatchSize,
            ContentDimension = contentDimension,
            Inputs = inputs,
            Graphs = new GraphInputs { Ranker = [.. inputs.Select(i => i.Name)] },
        };
    }

    private static InputSpec Input(string name, int rows, string[] features, int width) =>
        new() { Name = name, Type = TensorType.Float, Shape = [rows, width], Features = features };
}
