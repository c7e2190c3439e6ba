namespace KgOrleans.Lab.Evaluate;

/// <summary>Scenes of an evaluation on a history: the feed as shipped, one without diversity and rules, and single channels.</summary>
internal static class HistoryScenes
{
    private const string Plain = """
        "preRank":{"diversity":"none","creatorCap":10000},"reRank":{"diversity":"none","rules":[]}
        """;

    private static readonly string[] Channels = ["model", "index", "hot", "social", "fresh", "region", "continue", "similar"];

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, HistoryScene> All { get; } = new[]
    {
        new HistoryScene("feed", "feed", null),
        new HistoryScene("plain", "evaluate-plain", $$"""{ {{Plain}} }"""),
        Alone("index"),
        Alone("similar"),
        Alone("hot"),
    }.ToDictionary(s => s.Label);

    // Ranked by the channel's own score.
    private static HistoryScene Alone(string channel)
    {
        var recall = Channels.Select(c => $$"""
            "{{c}}":{"quota":{{(c == channel ? 800 : 0)}}}
            """);
        return new HistoryScene(channel, $"evaluate-{channel}", $$"""
            {"recall":{ {{string.Join(',', recall)}} },"preRank":{"ranker":"recallScore","diversity":"none","creatorCap":10000},
            "reRank":{"diversity":"none","rules":[]} }
            """);
    }
}
