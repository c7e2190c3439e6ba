using System.Text;
using CsCheck;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Tests.Filters;

[Trait("Suite", "Unit")]
public sealed class ItemFilterMeaningTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_filter_over_columns_means_what_the_same_predicate_over_documents_means() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        var nodes = 0;
        var (json, predicate) = Node(random, 0, ref nodes);
        var filter = ItemFilter.Parse(Encoding.UTF8.GetBytes(json));
        for (var i = 0; i < 60; i++)
        {
            var document = Document(random);
            Assert.True(predicate(document) == FilterRows.Matches(filter, document), $"{json} on {document}");
        }
    }, iter: 500);

    internal static ItemDocument Document(Random random) => new()
    {
        ItemId = $"a{random.Next(4)}",
        CreatorId = $"a{random.Next(4)}",
        SongId = random.Next(3) == 0 ? null : $"a{random.Next(4)}",
        Region = random.Next(3) == 0 ? null : $"a{random.Next(4)}",
        Language = random.Next(3) == 0 ? null : $"a{random.Next(4)}",
        Tone = random.Next(3) == 0 ? null : $"a{random.Next(4)}",
        Kind = (ItemKind)random.Next(6),
        Tags = [.. Enumerable.Range(0, random.Next(12)).Select(_ => $"a{random.Next(12)}")],
        CommunityIds = [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"a{random.Next(12)}")],
        Features = random.Next(4) == 0 ? null : Enumerable.Range(0, random.Next(3)).ToDictionary(i => $"f{i}", _ => random.Next(11) / 10d),
        Quality = random.Next(4) == 0 ? null : random.Next(11) / 10d,
        DurationSeconds = random.Next(4) == 0 ? null : random.Next(11) / 10d,
        PublishedAt = random.Next(4) == 0 ? null : Start.AddMilliseconds(random.Next(11)).ToOffset(TimeSpan.FromHours(random.Next(-3, 9))),
    };

    internal static (string Json, Func<ItemDocument, bool> Predicate) Node(Random random, int depth, ref int nodes)
    {
        nodes++;
        if (depth >= 4 || nodes > 20 || random.Next(3) == 0)
            return random.Next(2) == 0 ? Key(random) : Number(random);
        if (random.Next(3) == 0)
        {
            var inner = Node(random, depth + 1, ref nodes);
            return ($$"""{"not":{{inner.Json}}}""", d => !inner.Predicate(d));
        }
        var children = new List<(string Json, Func<ItemDocument, bool> Predicate)>();
        for (var i = random.Next(1, 4); i > 0; i--)
            children.Add(Node(random, depth + 1, ref nodes));
        var list = string.Join(',', children.Select(c => c.Json));
        return random.Next(2) == 0
            ? ($$"""{"all":[{{list}}]}""", d => children.TrueForAll(c => c.Predicate(d)))
            : ($$"""{"any":[{{list}}]}""", d => children.Exists(c => c.Predicate(d)));
    }

    private static (string Json, Func<ItemDocument, bool> Predicate) Key(Random random)
    {
        string[] fields = ["kind", "itemId", "creatorId", "songId", "region", "language", "tone", "tags", "communityIds"];
        var field = fields[random.Next(fields.Length)];
        var values = Enumerable.Range(0, random.Next(1, 4))
            .Select(_ => field == "kind" ? ((ItemKind)random.Next(6)).ToString().ToLowerInvariant() : $"a{random.Next(12)}").ToArray();
        var comparison = values.Length == 1 && random.Next(2) == 0 ? $"\"eq\":\"{values[0]}\"" : $"\"in\":[{string.Join(',', values.Select(v => $"\"{v}\""))}]";
        return ($$"""{"field":"{{field}}",{{comparison}}}""", d => ValuesOf(d, field).Intersect(values).Any());
    }

    private static IEnumerable<string> ValuesOf(ItemDocument d, string field) => field switch
    {
        "kind" => [d.Kind.ToString().ToLowerInvariant()],
        "itemId" => [d.ItemId],
        "creatorId" => [d.CreatorId],
        "songId" => [d.SongId ?? ""],
        "region" => [d.Region ?? ""],
        "language" => [d.Language ?? ""],
        "tone" => [d.Tone ?? ""],
        "communityIds" => d.CommunityIds,
        _ => d.Tags,
    };

    private static (string Json, Func<ItemDocument, bool> Predicate) Number(Random random)
    {
        var field = new[] { "quality", "durationSeconds", "publishedAt", "features.f0", "features.f1" }[random.Next(5)];
        string[] names = ["eq", "gt", "gte", "lt", "lte", "in"];
        var tests = names.OrderBy(_ => random.Next()).Where(n => n is not "eq").Take(random.Next(1, 4))
            .Append(random.Next(6) == 0 ? "eq" : "lte").Distinct().ToList();
        if (tests.Contains("eq"))
            tests.Remove("in");
        var json = new List<string>();
        var predicates = new List<Func<decimal, bool>>();
        foreach (var test in tests)
        {
            var steps = test == "in" ? Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(11)).ToArray() : [random.Next(11)];
            var texts = steps.Select(s =>
                field == "publishedAt" ? $"\"{Start.AddMilliseconds(s):yyyy-MM-ddTHH:mm:ss.fffZ}\"" : FormattableString.Invariant($"{s / 10m}")).ToArray();
            json.Add(test == "in" ? $"\"in\":[{string.Join(',', texts)}]" : $"\"{test}\":{texts[0]}");
            decimal[] bounds = [.. steps.Select(s => (decimal)s)];
            predicates.Add(test switch
            {
                "gt" => x => x > bounds[0],
                "gte" => x => x >= bounds[0],
                "lt" => x => x < bounds[0],
                "lte" => x => x <= bounds[0],
                _ => x => bounds.Contains(x),
            });
        }
        return ($$"""{"field":"{{field}}",{{string.Join(',', json)}}}""", d => StepOf(d, field) is { } x && predicates.TrueForAll(p => p(x)));
    }

    // Numbers of these documents are tenths or milliseconds: counted in steps, they compare exactly.
    private static decimal? StepOf(ItemDocument d, string field) => field switch
    {
        "quality" => d.Quality is { } q ? Math.Round((decimal)q * 10) : null,
        "durationSeconds" => d.DurationSeconds is { } s ? Math.Round((decimal)s * 10) : null,
        "features.f0" or "features.f1" => d.Features?.TryGetValue(field[9..], out var f) == true ? Math.Round((decimal)f * 10) : null,
        _ => d.PublishedAt is { } p ? (decimal)(p - Start).TotalMilliseconds : null,
    };
}
