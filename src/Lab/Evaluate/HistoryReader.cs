using KgOrleans.CommandLine;
using KgOrleans.Import.Sets;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Events;
using KgOrleans.Storage;

namespace KgOrleans.Lab.Evaluate;

/// <summary>Reads a history and sets positives aside: the files of a public set, or the data directory of a service that does not run.</summary>
internal static class HistoryReader
{
    // RecBole's protocol takes every artist that a user listened to as a positive.
    private const double Listened = 1;

    /// <summary>Reads and splits a history. Throws <see cref="InputException"/> when it has nothing to measure.</summary>
    public static async Task<SplitHistory> ReadAsync(HistoryPlan plan, int seed, CancellationToken cancellation)
    {
        var split = Directory.Exists(plan.Data) && File.Exists(Path.Combine(plan.Data, "catalogue.json"))
            ? Split(await StoreAsync(plan.Data, cancellation), plan, seed)
            : ReplayFiles.IsExport(plan.Data) ? Split(SetOf(WithoutWorld(ReplayFiles.ReadExport(plan.Data))), plan, seed)
            : Files(plan, seed);
        if (split.HeldOut.Count == 0)
            throw new InputException($"{plan.Data}: no user has positives to set aside; a positive is a like, follow, share, comment, gift or a play of "
                + $"{EventTypes.ValidPlay:0.0} and more");
        return split with { Sent = Moved(split.Sent, plan.AgeDays) };
    }

    private static SplitHistory Files(HistoryPlan plan, int seed)
    {
        using var folder = DataFolder.Open(plan.Data);
        if (folder.Find("user_artists.dat").Count == 0)
            return Split(KuaiRand.Read(folder, new IdScope("")), plan, seed);
        if (plan.Split != HistorySplit.Random)
            throw new InputException("--split: the plays of HetRec carry no time; take random");
        // The reader leaves out the tags that a user gave to what is set aside: a tag is a trace of listening.
        var set = HetRecLastFm.Read(folder, new IdScope(""), new HistoryHoldOut(plan.Share, seed));
        var heldOut = set.HeldOut.GroupBy(e => e.UserId).ToDictionary(g => g.Key, g => g.Select(e => e.ItemId).ToHashSet());
        return new SplitHistory(set with { Events = [.. set.Events.Select(e => e with { Value = Listened })], HeldOut = [] }, heldOut);
    }

    private static async Task<ImportSet> StoreAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return SetOf(await ReplayStore.ReadAsync(path, "", cancellation));
        }
        catch (StorageException e)
        {
            throw new InputException(e.Message);
        }
    }

    private static ImportSet SetOf(ReplayHistory history)
    {
        var events = history.Events.Select(e => e.AsSent()).OrderBy(e => e.Timestamp).ToList();
        return new ImportSet
        {
            WorldId = "",
            Items = [.. history.Items],
            Users = [.. history.Profiles.Values],
            Events = events,
            EventCount = events.Count,
            Newest = events.Count > 0 ? events[^1].Timestamp : null,
            Files = [],
            ExampleUser = null,
        };
    }

    // An export names the world of each item. Of one world alone, they are the own ones of the service that is measured.
    private static ReplayHistory WithoutWorld(ReplayHistory history) =>
        history.Items.Select(i => i.WorldId).Distinct().Count() == 1 ? history with { Items = [.. history.Items.Select(i => i with { WorldId = null })] } : history;

    /// <summary>Sets positives aside, and with them every other event of the same user and item: a trace would tell the service the answer.</summary>
    internal static SplitHistory Split(ImportSet set, HistoryPlan plan, int seed)
    {
        var events = set.Events.ToList();
        var cut = plan.Split == HistorySplit.Time ? CutOf(events, plan.Share) : null;
        var heldOut = new Dictionary<string, HashSet<string>>();
        foreach (var user in events.GroupBy(e => e.UserId))
        {
            var positives = user.Where(e => EventTypes.IsPositive(e.Type, e.Value ?? EventTypes.Of(e.Type).DefaultValue) && !e.IsUndo)
                .GroupBy(e => e.ItemId).Select(g => (Item: g.Key, First: g.Min(e => e.Timestamp), Last: g.Max(e => e.Timestamp))).ToList();
            var count = Math.Min((int)Math.Round(positives.Count * plan.Share, MidpointRounding.AwayFromZero), positives.Count - 1);
            HashSet<string> aside = plan.Split switch
            {
                HistorySplit.Random => [.. new HistoryHoldOut(plan.Share, seed).Choose(user.Key, [.. positives.Select(p => p.Item)])],
                HistorySplit.Last => [.. positives.OrderByDescending(p => p.Last).ThenBy(p => p.Item, StringComparer.Ordinal).Take(count).Select(p => p.Item)],
                _ => [.. positives.Where(p => p.First >= cut).Select(p => p.Item)],
            };
            if (aside.Count > 0)
                heldOut[user.Key] = aside;
        }
        var sent = events.Where(
            e => (cut is null || e.Timestamp < cut) && !(heldOut.TryGetValue(e.UserId, out var aside) && aside.Contains(e.ItemId))).ToList();
        // A user without any history left would be measured as a stranger.
        var known = sent.Select(e => e.UserId).ToHashSet();
        return new SplitHistory(set with { Events = sent, EventCount = sent.Count }, heldOut.Where(h => known.Contains(h.Key)).ToDictionary());
    }

    private static DateTimeOffset? CutOf(List<UserEvent> events, double share) =>
        events.Count == 0 ? null : events.Select(e => e.Timestamp).Order().ElementAt((int)((1 - share) * (events.Count - 1)));

    private static ImportSet Moved(ImportSet set, int ageDays) =>
        set.Newest is { } newest ? set.ShiftedBy(DateTimeOffset.UtcNow - TimeSpan.FromDays(ageDays) - TimeSpan.FromMinutes(1) - newest) : set;
}
