using System.Text;
using System.Text.Json;
using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class ItemLogRecordTests
{
    private static readonly ItemDocument Full = new()
    {
        ItemId = "i:1",
        CreatorId = "c.1",
        SongId = "s-1",
        Kind = ItemKind.Live,
        Title = "全民K歌 \u0000 \" \\ 🎤",
        Tags = ["a", "b"],
        CommunityIds = ["g"],
        Region = "sz",
        Language = "yue",
        Tone = "sad",
        DurationSeconds = 0.1 + 0.2,
        PublishedAt = new DateTimeOffset(2026, 3, 1, 1, 2, 3, 4, TimeSpan.FromHours(8)),
        ExpiresAt = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Quality = double.Epsilon,
        Features = new Dictionary<string, double> { ["x"] = 1d / 3, ["y"] = -1e9 },
        Vectors = new Dictionary<string, float[]> { ["content"] = [1f / 3, float.Epsilon, -1e6f] },
        Hidden = true,
        WorldId = "w",
    };

    [Fact]
    public void A_record_comes_back_as_it_was_written()
    {
        foreach (var operation in Enum.GetValues<ItemLogOperation>())
        {
            foreach (var document in new[] { Full, new ItemDocument { ItemId = "x" } })
            {
                foreach (var (space, vector, recall) in new[] { ("", Array.Empty<float>(), Array.Empty<float>()), ("space-1", [1f, -0f, float.Epsilon], [2f]) })
                {
                    var json = JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options);
                    var bytes = ItemLogRecord.Encode(operation, long.MinValue + 5, long.MaxValue - 7, json, space, vector, recall);
                    var record = ItemLogRecord.Decode(bytes);
                    Assert.Equal((operation, long.MinValue + 5, long.MaxValue - 7, space), (record.Operation, record.At, record.Version, record.SpaceId));
                    Assert.Equal(vector, record.Vector);
                    Assert.Equal(recall, record.Recall);
                    AssertSame(document, record.Document);
                    Assert.Equal(json, ItemLogRecord.JsonOf(bytes).ToArray());
                }
            }
        }
    }

    [Fact]
    public void A_record_of_an_earlier_version_is_read_and_has_no_version_and_no_vectors()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(Full, KgJson.Options);
        byte[] bytes = [2, 5, 0, 0, 0, 0, 0, 0, 0, .. json];
        var record = ItemLogRecord.Decode(bytes);
        Assert.Equal((ItemLogOperation.Delete, 5, null, ""), (record.Operation, record.At, record.Version, record.SpaceId));
        Assert.Empty(record.Vector);
        AssertSame(Full, record.Document);
        Assert.Equal(json, ItemLogRecord.JsonOf(bytes).ToArray());
    }

    [Fact]
    public void Every_shortened_record_is_refused()
    {
        var bytes = Encoded();
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatException>(() => ItemLogRecord.Decode(bytes.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(0, "{\"itemId\":\"x\"}")]
    [InlineData(3, "{\"itemId\":\"x\"}")]
    [InlineData(1, "null")]
    [InlineData(1, "[]")]
    [InlineData(1, "7")]
    [InlineData(1, "{\"itemId\":7}")]
    [InlineData(1, "{\"itemId\":\"x\",\"kind\":\"opera\"}")]
    [InlineData(1, "{\"itemId\":\"x\",\"kind\":2}")]
    [InlineData(1, "{\"itemId\":\"x\",\"quality\":\"0.5\"}")]
    [InlineData(1, "{\"itemId\":\"x\",\"unheardOf\":1}")]
    [InlineData(1, "{\"itemId\":\"x\"} trailing")]
    [InlineData(1, "{}")]
    public void Bytes_that_are_no_record_are_refused(byte operation, string json)
    {
        byte[] bytes = [operation, 0, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(json)];
        Assert.Throws<FormatException>(() => ItemLogRecord.Decode(bytes));
    }

    [Fact]
    public void Damaged_bytes_either_read_or_throw_a_format_exception() => Gen.Select(Gen.Int[0, 2_000], Gen.Byte[1, 255]).Sample((at, mask) =>
    {
        var bytes = Encoded();
        bytes[at % bytes.Length] ^= mask;
        try
        {
            Assert.NotNull(ItemLogRecord.Decode(bytes).Document.ItemId);
        }
        catch (FormatException)
        {
        }
    }, iter: 3_000);

    private static byte[] Encoded() =>
        ItemLogRecord.Encode(ItemLogOperation.Put, 1, 2, JsonSerializer.SerializeToUtf8Bytes(Full, KgJson.Options), "space", [1, 2, 3], [4]);

    private static void AssertSame(ItemDocument document, ItemDocument read)
    {
        Assert.Equal(JsonSerializer.Serialize(document, KgJson.Options), JsonSerializer.Serialize(read, KgJson.Options));
        Assert.Equal(document.Vectors?["content"], read.Vectors?["content"]);
        Assert.Equal(document.Title, read.Title);
        Assert.Equal(document.PublishedAt, read.PublishedAt);
        Assert.Equal(document.DurationSeconds, read.DurationSeconds);
    }
}
