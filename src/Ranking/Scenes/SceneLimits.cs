using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Scenes;

/// <summary>Ranges and sizes of every member of a scene document. The validator checks them, the JSON schema states them, docs/scenes.md lists them.</summary>
public static class SceneLimits
{
    /// <summary>
    /// Largest document in bytes of JSON, with its defaults written out. All versions of all scenes are the state of one grain, written as a whole.
    /// </summary>
    public const int DocumentBytes = 64 << 10;

    /// <summary>
    /// Most bytes of JSON that the kept versions of one scene have together; of larger documents fewer versions are kept. So all scenes with all their versions
    /// fit into a state of 16 MB.
    /// </summary>
    public const int VersionBytes = 384 << 10;

    /// <summary>Most scenes that are stored. Built-in scenes count only when they were changed.</summary>
    public const int Scenes = 32;

    /// <summary>How many of the newest versions of a scene are kept at most.</summary>
    public const int Versions = 50;

    /// <summary>Most items that all channels of a scene bring together: four times the article's 10^5.</summary>
    public const int QuotaSum = 400_000;

    /// <summary>Members that a request's <c>context</c> can have, and so the values of <see cref="SceneDocument.ContextKeys"/>.</summary>
    public static readonly IReadOnlyList<string> ContextKeys = ["device", "city", "songId", "hour"];

    /// <summary>Name that no scene may have, since <c>GET /v1/scenes/schema</c> returns the schema.</summary>
    public const string ReservedName = "schema";

    private const int DescriptionLength = 500;
    // Half of the sum: one channel may bring twice the article's 10^5.
    private const int ChannelQuota = 200_000;
    // Merged items are fetched from the shards, ranked items pass the model: both bound the memory and time of a request.
    private const int MergedItems = 20_000;
    private const int RankedItems = 10_000;
    private const int DiversePicks = 1_000;
    // Twice the objectives that a model may have, so that a scene can name those of an old and a new model.
    private const int Objectives = 32;
    private const double LargestWeight = 100;
    // A weight or factor of a class: 1 changes nothing, 10 beats any difference in relevance.
    private const double LargestFactor = 10;
    // The quality of a DPP is e to the power of theta / (2 (1 - theta)): closer to 1 it leaves the range of 32-bit numbers.
    private const double LargestTheta = 0.98;
    private const int LongestWindow = 64;
    private const int Classes = 32;
    // Each rule is one bit of a 32-bit mask, and each share, those of traffic classes included, is one of another.
    internal const int Rules = 32;
    // A page token carries as many served items as the longest window looks back (PageState.LongestTail).
    private const int RuleWindow = 32;
    private const int Pins = 20;
    private const int ShortestDeadline = 10;
    private const int LongestTime = 30_000;
    // About a quarter of an hour, for tests and live streams.
    private const double ShortestDays = 0.01;
    // A hundred years: never.
    private const double LongestDays = 36_500;
    private const int CalibratedTones = 64;
    private const int CalibratedCreators = 1_000;
    // An addend of this size outweighs any usual pre-rank score.
    private const double LargestAddend = 100;

    private static readonly Dictionary<(Type, string), MemberLimit> Table = Create();

    /// <summary>Limit of a member; null for a member without one: a switch, an enumeration, a group of members or a filter.</summary>
    /// <param name="type">Record that holds the member.</param>
    /// <param name="member">Name in JSON.</param>
    public static MemberLimit? Of(Type type, string member) => Table.GetValueOrDefault((type, member));

    private static Dictionary<(Type, string), MemberLimit> Create()
    {
        var table = new Dictionary<(Type, string), MemberLimit>();
        void Add<T>(string member, MemberLimit limit) => table.Add((typeof(T), JsonNamingPolicy.CamelCase.ConvertName(member)), limit);

        Add<SceneDocument>(nameof(SceneDocument.Scene), Id());
        Add<SceneDocument>(nameof(SceneDocument.Description), Text(DescriptionLength));
        Add<SceneDocument>(nameof(SceneDocument.DeadlineMs), Range(ShortestDeadline, LongestTime));
        Add<SceneDocument>(nameof(SceneDocument.ContextKeys), Count(ContextKeys.Count) with { Choices = ContextKeys });
        Add<SceneDocument>(nameof(SceneDocument.Traffic), Count(Classes));
        Add<TrafficClass>(nameof(TrafficClass.Weight), Range(0, LargestFactor));
        Add<TrafficShare>(nameof(TrafficShare.Least), Range(0, 1));
        Add<TrafficShare>(nameof(TrafficShare.Most), Range(0, 1));

        Add<DiscoverySettings>(nameof(DiscoverySettings.AgeWindowDays), Range(ShortestDays, LongestDays));
        Add<DiscoverySettings>(nameof(DiscoverySettings.Kinds), Count(Enum.GetValues<ItemKind>().Length) with { MinCount = 1 });
        Add<DiscoverySettings>(nameof(DiscoverySettings.MinQuality), Range(0, 1));
        Add<DiscoverySettings>(nameof(DiscoverySettings.CreatorCap), Range(0, RankedItems));
        Add<DiscoverySettings>(nameof(DiscoverySettings.ExcludeInteracted), Count(EventTypeTable.Numbers));
        Add<ColdStartSettings>(nameof(ColdStartSettings.Impressions), Range(1, 1_000_000));
        Add<ColdStartSettings>(nameof(ColdStartSettings.Days), Range(ShortestDays, LongestDays));
        Add<ColdStartSettings>(nameof(ColdStartSettings.MinQuality), Range(0, 1));

        Add<HotSettings>(nameof(HotSettings.HalfLifeHours), Range(HotSettings.ShortestHours, HotSettings.LongestHours));
        Add<ChannelSettings>(nameof(ChannelSettings.Quota), Range(0, ChannelQuota));
        Add<ChannelSettings>(nameof(ChannelSettings.TimeoutMs), Range(1, LongestTime));
        Add<ChannelSettings>(nameof(ChannelSettings.Weight), Range(0, LargestWeight));
        Add<ChannelSettings>(nameof(ChannelSettings.MinKeep), Range(0, MergedItems));

        Add<PreRankSettings>(nameof(PreRankSettings.KindShare), Range(0, 1));
        Add<PreRankSettings>(nameof(PreRankSettings.Fallback), new MemberLimit { Choices = ["statistics", "recallScore"] });
        Add<PreRankSettings>(nameof(PreRankSettings.Weights), Numbers(Objectives, 0, LargestWeight));
        Add<PreRankSettings>(nameof(PreRankSettings.Merge), Range(1, MergedItems));
        Add<PreRankSettings>(nameof(PreRankSettings.DiversePicks), Range(0, DiversePicks));
        Add<PreRankSettings>(nameof(PreRankSettings.Window), Range(1, LongestWindow));
        Add<PreRankSettings>(nameof(PreRankSettings.Theta), Range(0, LargestTheta));
        Add<PreRankSettings>(nameof(PreRankSettings.CreatorCap), Range(1, RankedItems));
        Add<PreRankSettings>(nameof(PreRankSettings.Keep), Range(1, RankedItems));
        Add<PreRankCalibration>(nameof(PreRankCalibration.Freshness), Addend());
        Add<PreRankCalibration>(nameof(PreRankCalibration.FreshnessHalfLifeDays), Range(ShortestDays, LongestDays));
        Add<PreRankCalibration>(nameof(PreRankCalibration.Quality), Addend());
        Add<PreRankCalibration>(nameof(PreRankCalibration.Tones), Addend() with { MaxCount = CalibratedTones });
        Add<PreRankCalibration>(nameof(PreRankCalibration.Creators), Addend() with { MaxCount = CalibratedCreators });

        Add<FineRankSettings>(nameof(FineRankSettings.Calibration), Count(Objectives));
        Add<FineRankSettings>(nameof(FineRankSettings.Keep), Range(1, RankedItems));
        Add<FusionSettings>(nameof(FusionSettings.Product), Numbers(Objectives, 0, LargestWeight));
        Add<FusionSettings>(nameof(FusionSettings.Sum), Numbers(Objectives, 0, LargestWeight));
        Add<FusionSettings>(nameof(FusionSettings.Blend), Range(0, 1));
        Add<PlattScaling>(nameof(PlattScaling.Scale), Range(0.001, 1_000));
        Add<PlattScaling>(nameof(PlattScaling.Shift), Range(-1_000, 1_000));
        Add<AdaptiveWidth>(nameof(AdaptiveWidth.TargetMs), Range(1, LongestTime));
        Add<AdaptiveWidth>(nameof(AdaptiveWidth.Percentile), Range(50, 99.9));
        Add<AdaptiveWidth>(nameof(AdaptiveWidth.Least), Range(0.01, 1));

        Add<ReRankSettings>(nameof(ReRankSettings.Theta), Range(0, LargestTheta));
        Add<ReRankSettings>(nameof(ReRankSettings.BreadthEffect), Range(-1, 1));
        Add<ReRankSettings>(nameof(ReRankSettings.Window), Range(1, LongestWindow));
        Add<ReRankSettings>(nameof(ReRankSettings.KindShare), Range(0, 1));
        Add<ReRankSettings>(nameof(ReRankSettings.Boosts), Count(Classes));
        Add<ReRankSettings>(nameof(ReRankSettings.Rules), Count(Rules));
        Add<ReRankSettings>(nameof(ReRankSettings.Shares), Count(Rules));
        Add<ReRankSettings>(nameof(ReRankSettings.Pins), Count(Pins));
        Add<Boost>(nameof(Boost.Factor), Range(0, LargestFactor));
        Add<WindowRule>(nameof(WindowRule.Field), new MemberLimit { Choices = ["creatorId", "songId", "kind"], MaxCount = Limits.IdLength });
        Add<WindowRule>(nameof(WindowRule.Max), Range(0, RuleWindow - 1));
        Add<WindowRule>(nameof(WindowRule.In), Range(2, RuleWindow));
        Add<ShareRule>(nameof(ShareRule.Min), Range(1, RuleWindow));
        Add<ShareRule>(nameof(ShareRule.In), Range(2, Limits.PageSize));
        Add<Pin>(nameof(Pin.ItemId), Id());
        Add<Pin>(nameof(Pin.Position), Range(0, Limits.PageSize - 1));

        Add<ExplorationSettings>(nameof(ExplorationSettings.Share), Range(0, 1));
        Add<ExplorationSettings>(nameof(ExplorationSettings.Temperature), Range(0.01, 10));
        Add<SeenSettings>(nameof(SeenSettings.Types), Count(EventTypeTable.Numbers));
        Add<SeenSettings>(nameof(SeenSettings.Days), Range(0, LongestDays));
        Add<SeenSettings>(nameof(SeenSettings.Max), Range(0, SeenSet.Capacity));
        return table;
    }

    private static MemberLimit Range(double min, double max) => new() { Min = min, Max = max };

    private static MemberLimit Addend() => Range(-LargestAddend, LargestAddend);

    private static MemberLimit Numbers(int count, double min, double max) => new() { MaxCount = count, Min = min, Max = max };

    private static MemberLimit Count(int max) => new() { MaxCount = max };

    private static MemberLimit Text(int max) => new() { MaxCount = max };

    private static MemberLimit Id() => new() { MinCount = 1, MaxCount = Limits.IdLength, IsId = true };
}
