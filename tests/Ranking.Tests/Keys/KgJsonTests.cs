using System.Text;
using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Tests.Filters;

namespace KgOrleans.Ranking.Tests;

[Trait("Suite", "Unit")]
[Collection(nameof(TimeZoneCollection))]
public sealed class KgJsonTests
{
    [Theory]
    [InlineData("2026-06-01T12:00:00", "2026-06-01T12:00:00Z")]
    [InlineData("2026-06-01", "2026-06-01T00:00:00Z")]
    [InlineData("2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z")]
    [InlineData("2026-06-01T12:00:00.5+02:00", "2026-06-01T10:00:00.5Z")]
    public void A_time_without_an_offset_is_universal_in_every_zone(string text, string expected)
    {
        var instant = DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture);
        var old = Environment.GetEnvironmentVariable("TZ");
        try
        {
            foreach (var zone in new[] { "Asia/Shanghai", "America/New_York", "UTC" })
            {
                Environment.SetEnvironmentVariable("TZ", zone);
                TimeZoneInfo.ClearCachedData();
                var item = Read<ItemDocument>($$"""{"itemId":"i","creatorId":"c","publishedAt":"{{text}}"}""");
                Assert.Equal(instant, item.PublishedAt);
                Assert.Equal(instant, Read<UserEvent>($$"""{"timestamp":"{{text}}"}""").Timestamp);
                Assert.Equal(instant, Read<ItemDocument>(JsonSerializer.Serialize(item, KgJson.Options)).PublishedAt);
                var filter = ItemFilter.Parse(Encoding.UTF8.GetBytes($$"""{"field":"publishedAt","eq":"{{text}}"}"""));
                Assert.True(FilterRows.Matches(filter, item with { PublishedAt = instant }));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("TZ", old);
            TimeZoneInfo.ClearCachedData();
        }
    }

    [Theory]
    [InlineData("""{"publishedAt":"yesterday"}""", "$.publishedAt")]
    [InlineData("""{"publishedAt":1770000000}""", "$.publishedAt")]
    [InlineData("""{"publishedAt":"2026-13-01T00:00:00Z"}""", "$.publishedAt")]
    [InlineData("""{"publishedAt":"0001-01-01T00:00:00+14:00"}""", "$.publishedAt")]
    [InlineData("""{"kind":2}""", "$.kind")]
    [InlineData("""{"kind":"opera"}""", "$.kind")]
    [InlineData("""{"quality":"0.5"}""", "$.quality")]
    [InlineData("""{"ItemId":"x"}""", "$.ItemId")]
    public void What_does_not_read_names_its_path(string json, string path) =>
        Assert.Equal(path, Assert.Throws<JsonException>(() => Read<ItemDocument>(json)).Path);

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, KgJson.Options)!;
}

/// <summary>Tests that change the zone of the process run alone.</summary>
[CollectionDefinition(nameof(TimeZoneCollection), DisableParallelization = true)]
public sealed class TimeZoneCollection;
