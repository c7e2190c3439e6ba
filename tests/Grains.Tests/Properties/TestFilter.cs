using System.Text.Json;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Tests.Properties;

/// <summary>A random filter as callers write it, and what it means, said without the product.</summary>
/// <param name="Json">The filter.</param>
/// <param name="Matches">Whether it matches an item at a time.</param>
internal sealed record TestFilter(JsonElement Json, Func<ItemDocument, DateTimeOffset, bool> Matches)
{
    public static TestFilter Random(Random random, int depth = 1) => random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => OfKinds([(ItemKind)random.Next(3), (ItemKind)random.Next(3)]),
        1 => OfTag(SampleCatalogue.Tags[random.Next(SampleCatalogue.Tags.Length)]),
        // Qualities have three digits, ages are whole hours: no item stands on a border.
        2 => OfQuality(Math.Round(random.NextDouble(), 2) + 0.0005),
        3 => OfAge((random.Next(20, 2_000) + 0.5) / 24),
        4 => OfTone($"t{random.Next(4)}"),
        5 => Not(Random(random, depth - 1)),
        6 => Both("all", Random(random, depth - 1), Random(random, depth - 1), (a, b) => a && b),
        _ => Both("any", Random(random, depth - 1), Random(random, depth - 1), (a, b) => a || b),
    };

    private static TestFilter OfKinds(ItemKind[] kinds) => new(Element(new { field = "kind", @in = kinds }), (item, _) => kinds.Contains(item.Kind));

    private static TestFilter OfTag(string tag) => new(Element(new { field = "tags", eq = tag }), (item, _) => item.Tags.Contains(tag));

    private static TestFilter OfTone(string tone) => new(Element(new { field = "tone", eq = tone }), (item, _) => item.Tone == tone);

    private static TestFilter OfQuality(double least) => new(Element(new { field = "quality", gte = least }), (item, _) => item.Quality >= least);

    private static TestFilter OfAge(double days) => new(
        Element(new { field = "ageDays", lt = days }), (item, now) => item.PublishedAt is { } at && (now - at).TotalDays < days);

    private static TestFilter Not(TestFilter inner) => new(Element(new { not = inner.Json }), (item, now) => !inner.Matches(item, now));

    private static TestFilter Both(string name, TestFilter a, TestFilter b, Func<bool, bool, bool> join) =>
        new(Element(new Dictionary<string, JsonElement[]> { [name] = [a.Json, b.Json] }), (item, now) => join(a.Matches(item, now), b.Matches(item, now)));

    private static JsonElement Element<T>(T value) => JsonSerializer.SerializeToElement(value, KgJson.Options);
}
