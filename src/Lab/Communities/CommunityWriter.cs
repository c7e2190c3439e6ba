using System.Net;
using System.Text.Json;
using KgOrleans.Client;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Communities;

/// <summary>What became of the lines of a plan.</summary>
internal sealed class CommunityOutcome
{
    private readonly int[] _counts = new int[4];

    /// <summary>Documents whose communities were, or in a dry run would be, changed.</summary>
    public int Changed => _counts[0];

    /// <summary>Documents that were as planned already.</summary>
    public int Unchanged => _counts[1];

    /// <summary>Documents that no longer exist.</summary>
    public int Gone => _counts[2];

    /// <summary>Documents that others changed again and again meanwhile, or that have no room.</summary>
    public int Refused => _counts[3];

    /// <summary>Counts one of changed, unchanged, gone, refused.</summary>
    public void Count(int outcome) => Interlocked.Increment(ref _counts[outcome]);
}

/// <summary>
/// Writes a plan through the API: stated communities stay, former discovered ones are replaced. What is right already is not written, so that it can be
/// repeated.
/// </summary>
/// <param name="client">The service.</param>
/// <param name="dryRun">Whether to look only.</param>
internal sealed class CommunityWriter(KgClient client, bool dryRun)
{
    private const int InFlight = 8;
    private const int Attempts = 5;

    /// <summary>Outcome of users.</summary>
    public CommunityOutcome Users { get; } = new();

    /// <summary>Outcome of items.</summary>
    public CommunityOutcome Items { get; } = new();

    /// <summary>Writes every line.</summary>
    public Task WriteAsync(IEnumerable<CommunityAssignment> plan, CancellationToken cancellation) =>
        Parallel.ForEachAsync(plan, new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellation }, async (line, c) =>
        {
            var (outcome, path, most) = line.UserId is { } user
                ? (Users, $"v1/users/{user}", Limits.UserLinks)
                : (Items, $"v1/items/{line.ItemId}", Limits.ItemTags);
            outcome.Count(await WriteAsync(path, line.Community, most, c));
        });

    private async Task<int> WriteAsync(string path, string? community, int most, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (await client.FindDocumentAsync(path, cancellation) is not var (document, etag))
                return 2;
            var now = CommunitiesOf(document);
            var stated = now.Where(c => !c.StartsWith(CommunityFinder.Prefix, StringComparison.Ordinal)).ToArray();
            string[] wanted = community is null ? stated : [.. stated, community];
            if (now.SequenceEqual(wanted))
                return 1;
            if (wanted.Length > most)
                return 3;
            if (dryRun)
                return 0;
            try
            {
                await client.PatchAsync(path, JsonSerializer.SerializeToUtf8Bytes(new { communityIds = wanted }, KgJson.Options), etag, cancellation);
                return 0;
            }
            catch (ApiException e) when (e.Status == HttpStatusCode.PreconditionFailed)
            {
                // Somebody else wrote in between: what they wrote must stay.
            }
            catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
            {
                return 2;
            }
        }
        return 3;
    }

    // A user's profile lies within the answer; an item's document is the answer.
    private static string[] CommunitiesOf(JsonElement document)
    {
        if (document.TryGetProperty("profile", out var profile) && profile.ValueKind == JsonValueKind.Object)
            document = profile;
        return document.TryGetProperty("communityIds", out var ids) && ids.ValueKind == JsonValueKind.Array
            ? [.. ids.EnumerateArray().Select(id => id.GetString()!)]
            : [];
    }
}
