using System.Text.Json;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Catalogue;

/// <summary>An item that went through a base snapshot is the item that its document gives.</summary>
[Trait("Suite", "Unit")]
public sealed class ItemSnapshotRecordTests
{
    private const int Dimension = 8;

    private static readonly ItemDocument[] Documents =
    [
        new() { ItemId = "bare", CreatorId = "c1" },
        new()
        {
            ItemId = "full", CreatorId = "创作者", SongId = "s1", Kind = ItemKind.Video, Title = "t", Tags = ["rock", "摇滚", "rock", "x"],
            CommunityIds = ["g1", "g2"], Region = "cn", Language = "zh", Tone = "sad", DurationSeconds = 12.5, Quality = 0.25, Hidden = true,
            PublishedAt = DateTimeOffset.UnixEpoch.AddDays(19_000), ExpiresAt = DateTimeOffset.UnixEpoch.AddDays(29_000), WorldId = "other",
            Features = new Dictionary<string, double> { ["price"] = 3.5, ["age"] = -1 },
            Vectors = new Dictionary<string, float[]> { ["content"] = [1, 0, 0, 0, 2, 0, 0, -1] },
        },
    ];

    [Fact]
    public void A_partition_of_snapshot_records_equals_one_of_documents()
    {
        using var expected = new Partition(new PartitionSettings(Dimension, 0, null));
        using var restored = new Partition(new PartitionSettings(Dimension, 0, null));
        var decoder = new DocumentDecoder(Dimension);
        foreach (var document in Documents)
        {
            expected.Put(document, 0, [], version: 7);
            expected.Count(Key64.Of(document.ItemId), EventType.Play, 1, 1_000);
            expected.CountFan(PartialKey.Of(Key64.Of(document.ItemId)), 8);
        }
        expected.Publish(1);
        using (var view = expected.Acquire())
        {
            foreach (var document in Documents)
            {
                var item = decoder.Decode(document);
                item.Version = 7;
                byte[] log = ItemLogRecord.Encode(ItemLogOperation.Put, 1, 7, JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options));
                var bytes = ItemSnapshotRecord.WithCounters(ItemSnapshotRecord.Encode(item, default, log), view.CountersOf(view.Find(item.Key)));
                Assert.Equal(item.Key, ItemSnapshotRecord.KeyOf(bytes));
                Assert.Equal(log, ItemSnapshotRecord.RecordOf(bytes).ToArray());
                var read = ItemSnapshotRecord.Decode(bytes, out var counters, out var record);
                Assert.True(record.SequenceEqual(log));
                restored.Append(read);
                restored.Restore(read.Key, counters);
            }
        }
        restored.Publish(1);
        Assert.Equal(Describe(expected), Describe(restored));
    }

    [Fact]
    public void Every_cut_is_refused_or_leaves_the_columns_whole()
    {
        var item = new DocumentDecoder(Dimension).Decode(Documents[1]);
        var bytes = ItemSnapshotRecord.Encode(item, default, [1]);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<FormatException>(() => ItemSnapshotRecord.Decode(cut, out _, out _).Key);
        }
        Assert.Throws<FormatException>(() => ItemSnapshotRecord.KeyOf(Enumerable.Repeat((byte)0xFF, 500).ToArray()));
    }

    private static string[] Describe(Partition partition)
    {
        using var view = partition.Acquire();
        return [.. Enumerable.Range(0, view.RowCount).Select(row =>
        {
            var block = new ItemBlock(1, Dimension, embeddingDimension: 0);
            view.CopyTo(block, [row], now: 2_000);
            var facts = view.FactsOf(row);
            return string.Join('|', view.IdOf(row), view.VersionOf(row), view.WorldOf(row), Convert.ToHexString(block.RowBytes), Convert.ToHexString(block.ContentBytes),
                facts.CreatorId, facts.SongId, facts.Kind, string.Join(',', facts.Tags), JsonSerializer.Serialize(view.AttributesOf([row]).ToString()),
                view.CountersOf(row).Plays, view.CountersOf(row).Fans, view.CountersOf(row).Hot(1_000));
        })];
    }
}
