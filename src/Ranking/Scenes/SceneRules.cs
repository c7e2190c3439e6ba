using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Scenes;

/// <summary>The rules between the members of a scene document.</summary>
internal static class SceneRules
{
    private static readonly RecallChannel[] Channels = Enum.GetValues<RecallChannel>();

    /// <summary>Checks a document in which no required member is null.</summary>
    public static void Check(SceneDocument document, FieldChecks checks)
    {
        CheckDistinct(checks, "contextKeys", document.ContextKeys);
        CheckDistinct(checks, "discovery.kinds", document.Discovery.Kinds ?? []);
        CheckDistinct(checks, "discovery.excludeInteracted", document.Discovery.ExcludeInteracted);
        CheckDistinct(checks, "seen.types", document.Seen.Types);
        CheckRecall(document, checks);
        CheckPreRank(document.PreRank, checks);
        CheckFineRank(document, checks);
        for (var i = 0; i < document.ReRank.Rules.Count; i++)
            CheckRule(document.ReRank.Rules[i], $"reRank.rules[{i}]", checks);
        for (var i = 0; i < document.ReRank.Shares.Count; i++)
            CheckShare(document, document.ReRank.Shares[i], $"reRank.shares[{i}]", checks);
        CheckPins(document.ReRank.Pins, checks);
        CheckTraffic(document, checks);
    }

    private static void CheckTraffic(SceneDocument document, FieldChecks checks)
    {
        for (var i = 0; i < document.Traffic.Count; i++)
        {
            var (weight, share) = (document.Traffic[i].Weight, document.Traffic[i].Share);
            if (weight is null && share is null)
                checks.Add($"traffic[{i}]", "noEffect", "must have a weight or a share");
            if (share is null)
                continue;
            if (weight == 0)
                checks.Add($"traffic[{i}].share", "noEffect", "is of a class that its weight of 0 excludes");
            if (share is { Least: <= 0, Most: >= 1 })
                checks.Add($"traffic[{i}].share", "noEffect", "must have a least above 0 or a most below 1");
            if (share.Least > share.Most)
                checks.Add($"traffic[{i}].share.least", "outOfRange", $"is {share.Least}, must be at most most, which is {share.Most}");
        }
        var bits = document.Traffic.Count(t => t.Share is not null) + document.ReRank.Shares.Count;
        if (bits > SceneLimits.Rules)
            checks.Add("traffic", "tooMany", $"and reRank.shares have {bits} shares in all, at most {SceneLimits.Rules} are allowed");
    }

    private static void CheckRecall(SceneDocument document, FieldChecks checks)
    {
        var quotas = 0L;
        var kept = 0L;
        foreach (var channel in Channels)
        {
            var settings = document.Recall.Of(channel);
            quotas += settings.Quota;
            // A channel that is off keeps nothing, so its minKeep may be anything.
            if (settings.Quota <= 0)
                continue;
            kept += settings.MinKeep;
            if (settings.MinKeep > settings.Quota)
                AtMost(checks, $"recall.{RecallChannels.NameOf(channel)}.minKeep", settings.MinKeep, "the quota of the channel", settings.Quota);
        }
        if (quotas == 0)
            checks.Add("recall", "noChannel", "must have a channel with a quota above 0");
        if (quotas > SceneLimits.QuotaSum)
            checks.Add("recall", "tooMany", $"has quotas of {quotas} in all, at most {SceneLimits.QuotaSum} are allowed");
        if (kept > document.PreRank.Merge)
            checks.Add("recall", "tooMany", $"has minKeep of {kept} in all channels, at most {document.PreRank.Merge} (preRank.merge) are allowed");
    }

    private static void CheckPreRank(PreRankSettings preRank, FieldChecks checks)
    {
        if (preRank.Ranker == PreRanker.Towers && !preRank.Weights.Values.Any(w => w > 0))
            checks.Add("preRank.weights", "allZero", "must have a weight above 0, since the towers rank");
        AtMost(checks, "preRank.diversePicks", preRank.DiversePicks, "preRank.merge", preRank.Merge);
        AtMost(checks, "preRank.keep", preRank.Keep, "preRank.merge", preRank.Merge);
    }

    private static void CheckFineRank(SceneDocument document, FieldChecks checks)
    {
        var (fusion, blend) = (document.FineRank.Fusion, document.FineRank.Fusion.Blend);
        if (blend < 1 && !fusion.Product.Values.Any(e => e > 0))
            checks.Add("fineRank.fusion.product", "allZero", "must have an exponent above 0 unless blend is 1");
        if (blend > 0 && !fusion.Sum.Values.Any(w => w > 0))
            checks.Add("fineRank.fusion.sum", "allZero", "must have a weight above 0 unless blend is 0");
        AtMost(checks, "fineRank.keep", document.FineRank.Keep, "preRank.keep", document.PreRank.Keep);
    }

    private static void CheckRule(WindowRule rule, string at, FieldChecks checks)
    {
        if (rule.Field is null == rule.Filter is null)
            checks.Add(at, "oneOf", "must have either a field or a filter");
        if (rule.Max >= rule.In)
            checks.Add($"{at}.max", "outOfRange", $"is {rule.Max}, must be less than in, which is {rule.In}");
    }

    private static void CheckShare(SceneDocument document, ShareRule share, string at, FieldChecks checks)
    {
        if (share.Channel is null == share.Filter is null)
            checks.Add(at, "oneOf", "must have either a channel or a filter");
        AtMost(checks, $"{at}.min", share.Min, "in", share.In);
        if (share.Channel is { } channel && Enum.IsDefined(channel) && document.Recall.Of(channel).Quota == 0)
            checks.Add($"{at}.channel", "channelOff", $"names a channel that is off: recall.{RecallChannels.NameOf(channel)} has quota 0");
    }

    private static void CheckPins(IReadOnlyList<Pin> pins, FieldChecks checks)
    {
        var positions = new HashSet<int>();
        var ids = new HashSet<string>();
        for (var i = 0; i < pins.Count; i++)
        {
            if (!positions.Add(pins[i].Position))
                checks.Add($"reRank.pins[{i}].position", "duplicate", "is the position of another pin");
            if (pins[i].ItemId is { } id && !ids.Add(id))
                checks.Add($"reRank.pins[{i}].itemId", "duplicate", "is pinned twice");
        }
    }

    private static void CheckDistinct<T>(FieldChecks checks, string field, IReadOnlyList<T> values)
    {
        for (var i = 1; i < values.Count; i++)
        {
            if (values.Take(i).Contains(values[i]))
                checks.Add($"{field}[{i}]", "duplicate", "is listed twice");
        }
    }

    private static void AtMost(FieldChecks checks, string field, int value, string boundField, int bound)
    {
        if (value > bound)
            checks.Add(field, "outOfRange", $"is {value}, must be at most {boundField}, which is {bound}");
    }
}
