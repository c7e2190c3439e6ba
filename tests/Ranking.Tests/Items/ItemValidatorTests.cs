using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Items;

[Trait("Suite", "Unit")]
public sealed class ItemValidatorTests
{
    private const int Dimension = 4;
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ItemDocument Good = new() { ItemId = "i", CreatorId = "c" };

    public static TheoryData<string, string, Func<ItemDocument, ItemDocument>> BadItems => new()
    {
        { "itemId", "required", d => d with { ItemId = "" } },
        { "itemId", "required", d => d with { ItemId = null! } },
        { "itemId", "invalidId", d => d with { ItemId = new string('x', 129) } },
        { "creatorId", "required", d => d with { CreatorId = "" } },
        { "creatorId", "invalidId", d => d with { CreatorId = "a\nb" } },
        { "songId", "invalidId", d => d with { SongId = "唱" } },
        { "kind", "unknownKind", d => d with { Kind = (ItemKind)6 } },
        { "title", "tooLong", d => d with { Title = new string('x', 501) } },
        { "tags", "tooMany", d => d with { Tags = [.. Enumerable.Repeat("t", 65)] } },
        { "tags[1]", "invalidId", d => d with { Tags = ["ok", "not ok"] } },
        { "tags[0]", "required", d => d with { Tags = [null!] } },
        { "communityIds", "tooMany", d => d with { CommunityIds = [.. Enumerable.Repeat("t", 65)] } },
        { "communityIds[2]", "required", d => d with { CommunityIds = ["a", "b", ""] } },
        { "region", "required", d => d with { Region = "" } },
        { "language", "invalidId", d => d with { Language = "zh CN" } },
        { "tone", "invalidId", d => d with { Tone = "$" } },
        { "worldId", "invalidId", d => d with { WorldId = "a/b" } },
        { "durationSeconds", "outOfRange", d => d with { DurationSeconds = -1 } },
        { "durationSeconds", "outOfRange", d => d with { DurationSeconds = 86_401 } },
        { "durationSeconds", "notFinite", d => d with { DurationSeconds = double.NaN } },
        { "quality", "outOfRange", d => d with { Quality = 1.1 } },
        { "quality", "notFinite", d => d with { Quality = double.NegativeInfinity } },
        { "publishedAt", "outOfRange", d => d with { PublishedAt = DateTimeOffset.MinValue } },
        { "publishedAt", "outOfRange", d => d with { PublishedAt = Limits.EarliestDate.AddTicks(-1) } },
        { "expiresAt", "outOfRange", d => d with { ExpiresAt = Limits.EarliestDate.AddTicks(-1) } },
        { "expiresAt", "outOfRange", d => d with { PublishedAt = Now, ExpiresAt = Now.AddTicks(-1) } },
        { "features", "tooMany", d => d with { Features = Enumerable.Range(0, 65).ToDictionary(i => $"f{i}", _ => 0d) } },
        { "features.x", "notFinite", d => d with { Features = new Dictionary<string, double> { ["x"] = double.NaN } } },
        { "features.x", "outOfRange", d => d with { Features = new Dictionary<string, double> { ["x"] = 1.1e9 } } },
        { "features.a b", "invalidId", d => d with { Features = new Dictionary<string, double> { ["a b"] = 1 } } },
        { "vectors", "tooMany", d => d with { Vectors = Enumerable.Range(0, 5).ToDictionary(i => $"v{i}", _ => new float[1]) } },
        { "vectors.content", "vectorLength", d => d with { Vectors = Vector("content", 1, 2, 3) } },
        { "vectors.content", "vectorLength", d => d with { Vectors = Vector("content") } },
        { "vectors.content", "vectorLength", d => d with { Vectors = new Dictionary<string, float[]> { ["content"] = null! } } },
        { "vectors.audio", "vectorLength", d => d with { Vectors = Vector("audio", new float[1_025]) } },
        { "vectors.content[2]", "outOfRange", d => d with { Vectors = Vector("content", 1, 2, float.NaN, float.NaN) } },
        { "vectors.audio[0]", "outOfRange", d => d with { Vectors = Vector("audio", float.PositiveInfinity) } },
        { "vectors.audio[1]", "outOfRange", d => d with { Vectors = Vector("audio", 0, -1.1e6f) } },
        { "vectors.a b", "invalidId", d => d with { Vectors = Vector("a b", 1) } },
    };

    [Theory]
    [MemberData(nameof(BadItems), DisableDiscoveryEnumeration = true)]
    public void A_bad_item_is_refused_and_the_field_named(string field, string code, Func<ItemDocument, ItemDocument> spoil) =>
        Assert.Equal((field, code), Assert.Single(ItemValidator.Validate(spoil(Good), Dimension).Select(e => (e.Field, e.Code))));

    [Fact]
    public void Items_at_the_limits_are_accepted()
    {
        var full = Good with
        {
            ItemId = new string('x', 128),
            Title = new string('x', 500),
            Tags = [.. Enumerable.Repeat("t", 64)],
            DurationSeconds = 86_400,
            Quality = 1,
            PublishedAt = new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero),
            ExpiresAt = new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero),
            Features = Enumerable.Range(0, 64).ToDictionary(i => $"f{i}", _ => -1e9),
            Vectors = new Dictionary<string, float[]> { ["content"] = [0, 0, 0, 1e6f], ["audio"] = new float[1_024] },
        };
        Assert.Empty(ItemValidator.Validate(full, Dimension));
        Assert.Empty(ItemValidator.Validate(Good with { PublishedAt = Now, ExpiresAt = Now }, Dimension));
        Assert.Empty(ItemValidator.Validate(Good with { Tags = null!, CommunityIds = null! }, Dimension));
    }

    [Fact]
    public void Every_error_is_reported_at_once() =>
        Assert.Equal(["itemId", "creatorId", "quality"], ItemValidator.Validate(new ItemDocument { Quality = 3 }, Dimension).Select(e => e.Field));

    [Fact]
    public void Long_names_are_shortened_in_the_path()
    {
        var error = Assert.Single(
            ItemValidator.Validate(Good with { Features = new Dictionary<string, double> { [new string('x', 5_000)] = 1 } }, Dimension));
        Assert.Equal("features." + new string('x', 32), error.Field);
    }

    private static Dictionary<string, float[]> Vector(string name, params float[] values) => new() { [name] = values };
}
