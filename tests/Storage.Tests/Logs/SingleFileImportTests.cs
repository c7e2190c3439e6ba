using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Tests.Logs;

/// <summary>Logs that earlier versions kept in one file each.</summary>
[Trait("Suite", "Unit")]
public sealed class SingleFileImportTests : IDisposable
{
    private const string Name = "shard-000";
    private readonly LogFixture _fixture = new();

    private string File => Path.Combine(_fixture.Root, Name + ".log");

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_file_becomes_segments_with_the_same_id_and_positions_and_goes(byte version)
    {
        byte[][] payloads = [.. Enumerable.Range(0, 40).Select(i => new byte[100 + i])];
        var (bytes, positions) = SingleFile(payloads, version);
        await System.IO.File.WriteAllBytesAsync(File, bytes);
        Assert.Equal([Name], await _fixture.Store.ListAsync());
        await using (var log = await _fixture.OpenAsync(Name, segmentBytes: 1_000))
        {
            Assert.Equal(new Guid(bytes[16..32]), log.Id);
            Assert.Equal(payloads, await LogFixture.ReadAllAsync(log));
            for (int i = 0; i < positions.Length; i++)
                Assert.Equal(payloads[i], (await log.ReadAtAsync(positions[i])).ToArray());
            Assert.InRange(_fixture.FilesOf(Name).Length, 4, 8);
            Assert.Equal(bytes.Length, (await log.AppendAsync([new byte[] { 9 }])).Positions[0]);
        }
        Assert.False(System.IO.File.Exists(File));
        await using var again = await _fixture.OpenAsync(Name);
        Assert.Equal([.. payloads, [9]], await LogFixture.ReadAllAsync(again));
    }

    [Fact]
    public async Task A_copy_that_a_crash_cut_short_is_made_again()
    {
        var (bytes, _) = SingleFile([[1], [2]]);
        await System.IO.File.WriteAllBytesAsync(File, bytes);
        Directory.CreateDirectory(Path.Combine(_fixture.Root, Name));
        await System.IO.File.WriteAllTextAsync(Path.Combine(_fixture.Root, Name, LogOpening.NameOf(32, epoch: 0)), "half");
        await using var log = await _fixture.Store.OpenAsync(Name);
        Assert.Equal([[1], [2]], await LogFixture.ReadAllAsync(log));
    }

    [Fact]
    public async Task A_damaged_file_is_refused_and_stays_and_a_torn_one_is_cut()
    {
        var (bytes, positions) = SingleFile([[1, 2, 3], [4, 5]]);
        byte[] damaged = [.. bytes];
        damaged[positions[0] + 9] ^= 1;
        await System.IO.File.WriteAllBytesAsync(File, damaged);
        await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask());
        Assert.Equal(damaged, await System.IO.File.ReadAllBytesAsync(File));

        await System.IO.File.WriteAllBytesAsync(File, bytes[..^1]);
        await using var log = await _fixture.Store.OpenAsync(Name);
        Assert.Equal([[1, 2, 3]], await LogFixture.ReadAllAsync(log));
        Assert.Contains("were never acknowledged", Assert.Single(_fixture.Logger.Entries).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_lacks_what_its_marks_call_acknowledged_is_refused()
    {
        var (bytes, _) = SingleFile([[1, 2, 3], [4, 5]], 2);
        await System.IO.File.WriteAllBytesAsync(File, bytes[..^1]);
        var refused = await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask());
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        bytes[33] ^= 1;
        bytes[49] ^= 1;
        await System.IO.File.WriteAllBytesAsync(File, bytes);
        await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask());
    }

    /// <summary>A file written from the description of its format; the first one has no marks.</summary>
    private static (byte[] Bytes, long[] Positions) SingleFile(byte[][] payloads, byte number = 1)
    {
        byte[] id = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        byte[] version = [number, 0, 0, 0];
        uint header = Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Initial, version), id));
        uint seed = Crc32C.Append(Crc32C.Initial, id);
        List<byte> file = [.. "KGRECLOG"u8, .. version, .. BitConverter.GetBytes(header), .. id, .. new byte[number == 1 ? 0 : 32]];
        var positions = new List<long>();
        foreach (byte[] payload in payloads)
        {
            positions.Add(file.Count);
            byte[] place = [.. BitConverter.GetBytes((long)file.Count), .. BitConverter.GetBytes(payload.Length), .. payload];
            file.AddRange([.. BitConverter.GetBytes(payload.Length), .. BitConverter.GetBytes(Crc32C.Finish(Crc32C.Append(seed, place))), .. payload]);
        }
        byte[] end = BitConverter.GetBytes((long)file.Count);
        byte[] mark = [.. end, .. BitConverter.GetBytes(Crc32C.Finish(Crc32C.Append(seed, end))), 0, 0, 0, 0];
        byte[] bytes = [.. file];
        for (int place = 0; number > 1 && place < 2; place++)
            mark.CopyTo(bytes, 32 + place * mark.Length);
        return (bytes, [.. positions]);
    }
}
