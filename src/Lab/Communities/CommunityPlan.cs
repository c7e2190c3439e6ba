using System.Text;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Communities;

/// <summary>A line of the plan: the discovered community of a user or of an item's creator.</summary>
internal sealed record CommunityAssignment
{
    /// <summary>User; null for a line of an item.</summary>
    public string? UserId { get; init; }

    /// <summary>Item; null for a line of a user.</summary>
    public string? ItemId { get; init; }

    /// <summary>The community; null for none.</summary>
    public string? Community { get; init; }
}

/// <summary>
/// Who is to be in which discovered community, as NDJSON between the search, which needs a store at rest, and the writing, which needs a service.
/// </summary>
internal static class CommunityPlan
{
    /// <summary>The plan of a history: a line for every user, and one for every item that is to be in a community or is in a discovered one.</summary>
    public static IEnumerable<CommunityAssignment> Of(ReplayHistory history, IReadOnlyList<Community> communities)
    {
        var of = communities.SelectMany(c => c.Members.Select(m => (m, c.Id))).ToDictionary(m => m.m, m => m.Id);
        foreach (var user in history.Profiles.Keys.Concat(history.Events.Select(e => e.UserId)).Distinct().Order(StringComparer.Ordinal))
            yield return new CommunityAssignment { UserId = user, Community = of.GetValueOrDefault(user) };
        foreach (var item in history.Items.OrderBy(i => i.ItemId, StringComparer.Ordinal))
        {
            var community = of.GetValueOrDefault(item.CreatorId);
            if (community is not null || item.CommunityIds.Any(c => c.StartsWith(CommunityFinder.Prefix, StringComparison.Ordinal)))
                yield return new CommunityAssignment { ItemId = item.ItemId, Community = community };
        }
    }

    /// <summary>Writes a plan.</summary>
    public static void Write(TextWriter writer, IEnumerable<CommunityAssignment> plan)
    {
        foreach (var line in plan)
            writer.WriteLine(JsonSerializer.Serialize(line, KgJson.Options));
    }

    /// <summary>Reads a plan. Throws <see cref="InputException"/> that names the line which is none.</summary>
    public static IEnumerable<CommunityAssignment> Read(TextReader reader)
    {
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Length > 0)
                yield return Parse(line, number);
        }
    }

    private static CommunityAssignment Parse(string line, int number)
    {
        if (!InputJson.TryRead<CommunityAssignment>(Encoding.UTF8.GetBytes(line), "", InputJson.Options, out var read, out var error))
            throw new InputException($"line {number}: {error}");
        if ((read.UserId is null) == (read.ItemId is null) || !Limits.IsId(read.UserId ?? read.ItemId))
            throw new InputException($"line {number}: names neither one user nor one item");
        if (read.Community is { } community && !(community.StartsWith(CommunityFinder.Prefix, StringComparison.Ordinal) && Limits.IsId(community)))
            throw new InputException($"line {number}: {community} is no discovered community");
        return read;
    }
}
