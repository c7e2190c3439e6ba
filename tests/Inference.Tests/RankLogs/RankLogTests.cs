using KgOrleans.Inference.Features;
using KgOrleans.Inference.RankLogs;

namespace KgOrleans.Inference.Tests.RankLogs;

[Trait("Suite", "Unit")]
public class RankLogTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        var (bytes, header) = Write(requests: 3);
        using var reader = new RankLogReader(new MemoryStream(bytes));
        var record = new RankLogRecord(reader.Header);

        Assert.Equal(header.Columns, reader.Header.Columns);
        Assert.Equal("creator", reader.Header.Vocabularies["item.creator"]);
        for (var n = 0; n < 3; n++)
        {
            Assert.True(reader.Read(record));
            Assert.Equal(20 * n, record.Rows);
            Assert.Equal(1_000 + n, record.Row<long>(RankLogColumn.At)[0]);
            for (var i = 0; i < record.Rows; i++)
            {
                Assert.Equal([(byte)(i % 2), (byte)1], record.Row<byte>(RankLogColumn.Labels, i).ToArray());
                Assert.Equal(i, record.Row<long>(RankLogColumn.Item, i)[0]);
                Assert.Equal(0.25f, record.Row<float>("quality", i)[0]);
            }
        }
        Assert.False(reader.Read(record));
    }

    [Fact]
    public void Every_flipped_byte_and_every_cut_is_noticed()
    {
        var (bytes, _) = Write(requests: 2);
        for (var at = 0; at < bytes.Length; at += 7)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[at] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => ReadAll(flipped));
        }
        Assert.Throws<InvalidDataException>(() => ReadAll(bytes[..^1]));
        Assert.Throws<InvalidDataException>(() => ReadAll(bytes[..10]));
        Assert.Throws<InvalidDataException>(() => ReadAll([]));
    }

    [Fact]
    public void A_column_that_the_log_lacks_is_named()
    {
        var record = new RankLogRecord(Write(1).Header);

        Assert.Contains("logits", Assert.Throws<ArgumentException>(() => record.Row<float>("logits").Length).Message);
    }

    private static void ReadAll(byte[] bytes)
    {
        using var reader = new RankLogReader(new MemoryStream(bytes));
        var record = new RankLogRecord(reader.Header);
        while (reader.Read(record))
        {
        }
    }

    private static (byte[] Bytes, RankLogHeader Header) Write(int requests)
    {
        var plan = FeaturePlan.Create(new FeatureSchema
        {
            BatchSize = 8,
            ContentDimension = Samples.ContentDimension,
            Inputs =
            [
                new InputSpec { Name = "known", Type = TensorType.Float, Shape = [1, 1], Features = ["user.isKnown"] },
                new InputSpec { Name = "quality", Type = TensorType.Float, Shape = [8, 1], Features = ["item.quality"] },
                new InputSpec { Name = "creator", Type = TensorType.Int64, Shape = [8, 1], Features = ["item.creator"] },
            ],
            Graphs = new GraphInputs { UserTower = ["known"], ItemTower = ["quality", "creator"], Ranker = ["known", "quality"] },
        });
        var header = RankLogHeader.Create("demo-1", "test", ["play", "like"], plan);
        var stream = new MemoryStream();
        var user = UserView.Of(Samples.User());
        var item = Samples.Item();
        using (var writer = new RankLogWriter(stream, header))
        {
            var record = new RankLogRecord(header);
            for (var n = 0; n < requests; n++)
            {
                record.Clear();
                record.Fill(plan, new FeatureSource(user, new RequestContext(Samples.Now)), row: null);
                record.Row<long>(RankLogColumn.At)[0] = 1_000 + n;
                for (var i = 0; i < 20 * n; i++)
                {
                    var row = record.AddRow();
                    record.Fill(plan, new FeatureSource(user, ref item.Rows[0], item.ContentOf(0), new RequestContext(Samples.Now)), row);
                    record.Row<long>(RankLogColumn.Item, row)[0] = i;
                    record.Row<byte>(RankLogColumn.Labels, row)[0] = (byte)(i % 2);
                    record.Row<byte>(RankLogColumn.Labels, row)[1] = 1;
                }
                writer.Write(record);
            }
        }
        return (stream.ToArray(), header);
    }
}
