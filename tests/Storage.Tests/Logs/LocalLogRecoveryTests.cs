using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Tests.Logs;

[Trait("Suite", "Unit")]
public sealed class LocalLogRecoveryTests : IDisposable
{
    private const string Name = "shard-000";
    private readonly LogFixture _fixture = new();

    private string File => _fixture.FileOf(Name);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_tail_torn_at_any_byte_is_cut_off_with_one_warning()
    {
        await WriteAsync([1, 2, 3], new byte[40]);
        byte[] whole = await AppendUnacknowledgedAsync([7, 8, 9, 10]);
        long last = whole.Length - LocalLogFormat.RecordHeaderBytes - 4;
        for (long length = last; length < whole.Length; length++)
        {
            await System.IO.File.WriteAllBytesAsync(File, whole[..(int)length]);
            _fixture.Logger.Entries.Clear();
            await using (var log = await _fixture.Store.OpenAsync(Name))
            {
                Assert.Equal(last, log.EndPosition);
                Assert.Equal(last, new FileInfo(File).Length);
                await log.AppendAsync([new byte[] { 42 }]);
                Assert.Equal([[1, 2, 3], new byte[40], [42]], await LogFixture.ReadAllAsync(log));
            }
            if (length == last)
                Assert.Empty(_fixture.Logger.Entries);
            else
                AssertWarning(length - last);
        }
    }

    [Fact]
    public async Task A_last_record_with_a_flipped_bit_anywhere_is_cut_off_when_nobody_was_told_of_it()
    {
        await WriteAsync([1, 2, 3]);
        byte[] whole = await AppendUnacknowledgedAsync([7, 8, 9, 10]);
        int last = whole.Length - LocalLogFormat.RecordHeaderBytes - 4;
        for (int offset = last; offset < whole.Length; offset++)
        {
            await System.IO.File.WriteAllBytesAsync(File, Flip(whole, offset));
            _fixture.Logger.Entries.Clear();
            await using var log = await _fixture.Store.OpenAsync(Name);
            Assert.Equal([[1, 2, 3]], await LogFixture.ReadAllAsync(log));
            AssertWarning(whole.Length - last);
        }
    }

    [Fact]
    public async Task An_acknowledged_last_record_that_is_damaged_or_cut_refuses_the_start_and_changes_nothing()
    {
        var positions = await WriteAsync([1, 2, 3], [7, 8, 9, 10]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int offset = (int)positions[1]; offset < whole.Length; offset++)
        {
            foreach (byte[] damaged in (byte[][])[Flip(whole, offset), whole[..offset]])
            {
                await System.IO.File.WriteAllBytesAsync(File, damaged);
                var refused = await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask());
                Assert.Equal(positions[1], refused.Position);
                Assert.Contains($"up to {whole.Length} were acknowledged", refused.Message, StringComparison.Ordinal);
                Assert.Equal(damaged, await System.IO.File.ReadAllBytesAsync(File));
            }
        }
    }

    [Fact]
    public async Task One_damaged_mark_is_harmless_and_two_are_refused()
    {
        await WriteAsync([1, 2, 3]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int offset = 0; offset < 2 * LocalLogFormat.MarkBytes; offset++)
        {
            await System.IO.File.WriteAllBytesAsync(File, Flip(whole, (int)LocalLogFormat.OffsetOfMark(0) + offset));
            await using var log = await _fixture.Store.OpenAsync(Name);
            Assert.Equal([[1, 2, 3]], await LogFixture.ReadAllAsync(log));
        }
        byte[] both = Flip(Flip(whole, (int)LocalLogFormat.OffsetOfMark(0)), (int)LocalLogFormat.OffsetOfMark(1));
        await System.IO.File.WriteAllBytesAsync(File, both);
        await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask());
    }

    [Fact]
    public async Task A_missing_or_exchanged_file_is_refused_by_name_and_a_lost_manifest_is_made_again()
    {
        await WriteAsync([1]);
        await using (var other = await _fixture.Store.OpenAsync("shard-001"))
            await other.AppendAsync([new byte[] { 2 }]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        System.IO.File.Delete(File);
        var missing = await Assert.ThrowsAsync<StorageException>(() => Reopened().OpenAsync(Name).AsTask());
        Assert.Contains($"{File} is missing", missing.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));

        System.IO.File.Copy(_fixture.FileOf("shard-001"), File);
        var exchanged = await Assert.ThrowsAsync<StorageException>(() => Reopened().OpenAsync(Name).AsTask());
        Assert.Contains(File, exchanged.Message, StringComparison.Ordinal);
        Assert.False(missing.IsTransient || exchanged.IsTransient);

        await System.IO.File.WriteAllBytesAsync(File, whole);
        System.IO.File.Delete(Path.Combine(_fixture.Root, "manifest.json"));
        await using (var log = await Reopened().OpenAsync(Name))
            Assert.Equal([[1]], await LogFixture.ReadAllAsync(log));
        System.IO.File.Delete(File);
        await Assert.ThrowsAsync<StorageException>(() => Reopened().OpenAsync(Name).AsTask());
        await System.IO.File.WriteAllTextAsync(Path.Combine(_fixture.Root, "manifest.json"), "{");
        var unreadable = await Assert.ThrowsAsync<StorageException>(() => Reopened().OpenAsync(Name).AsTask());
        Assert.Contains("manifest.json", unreadable.Message, StringComparison.Ordinal);

        LocalLogStore Reopened() => new(_fixture.Root, _fixture.Logger);
    }

    [Fact]
    public async Task A_log_of_the_first_format_is_read_and_written_on()
    {
        byte[] id = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        byte[] version = [1, 0, 0, 0];
        uint header = Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Initial, version), id));
        uint seed = Crc32C.Append(Crc32C.Initial, id);
        byte[] place = [32, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 7, 8, 9];
        uint record = Crc32C.Finish(Crc32C.Append(seed, place));
        byte[] file = [.. "KGRECLOG"u8, .. version, .. BitConverter.GetBytes(header), .. id, 3, 0, 0, 0, .. BitConverter.GetBytes(record), 7, 8, 9];
        await System.IO.File.WriteAllBytesAsync(File, file);
        for (int round = 0; round < 2; round++)
        {
            await using var log = await _fixture.Store.OpenAsync(Name);
            Assert.Equal(round == 0 ? [[7, 8, 9]] : [[7, 8, 9], [0]], await LogFixture.ReadAllAsync(log));
            await log.AppendAsync([new byte[] { (byte)round }]);
        }
        Assert.Equal(file, System.IO.File.ReadAllBytes(File)[..file.Length]);
    }

    [Fact]
    public async Task A_bit_flipped_anywhere_before_the_last_record_refuses_the_start_and_changes_nothing()
    {
        var positions = await WriteAsync([1, 2, 3], new byte[20], [7, 8, 9, 10]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int offset = (int)positions[0]; offset < positions[2]; offset++)
        {
            byte[] damaged = Flip(whole, offset);
            await System.IO.File.WriteAllBytesAsync(File, damaged);
            var refused = await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask());
            Assert.Equal(File, refused.File);
            Assert.Equal(offset < positions[1] ? positions[0] : positions[1], refused.Position);
            Assert.Contains(File, refused.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, await System.IO.File.ReadAllBytesAsync(File));
        }
    }

    [Fact]
    public async Task Zeros_behind_the_end_are_a_torn_tail()
    {
        await WriteAsync([1, 2, 3]);
        await using (var file = System.IO.File.OpenWrite(File))
            file.SetLength(file.Length + 5000);
        await using var log = await _fixture.Store.OpenAsync(Name);
        Assert.Equal([[1, 2, 3]], await LogFixture.ReadAllAsync(log));
        AssertWarning(5000);
    }

    [Fact]
    public async Task A_torn_record_that_contains_a_log_image_is_still_torn()
    {
        await WriteAsync([1], [2]);
        byte[] image = System.IO.File.ReadAllBytes(File);
        byte[] whole = await AppendUnacknowledgedAsync(image);
        await System.IO.File.WriteAllBytesAsync(File, whole[..^1]);
        await using var reopened = await _fixture.Store.OpenAsync(Name);
        Assert.Equal([[1], [2]], await LogFixture.ReadAllAsync(reopened));
    }

    [Fact]
    public async Task Damage_that_appears_while_the_log_is_open_is_found_by_the_reader()
    {
        SafeFileHandle? file = null;
        await using var log = await _fixture.Store.OpenAsync(Name, handle => file = handle, CancellationToken.None);
        long[] positions = (await log.AppendAsync(LogFixture.Records([1, 2, 3], [4]))).Positions;
        RandomAccess.Write(file!, [0xFF], positions[0] + 8);

        Assert.Equal(positions[0], (await Assert.ThrowsAsync<LogCorruptException>(() => log.ReadAtAsync(positions[0]).AsTask())).Position);
        await Assert.ThrowsAsync<LogCorruptException>(() => LogFixture.ReadAllAsync(log));
        Assert.Equal([4], (await log.ReadAtAsync(positions[1])).ToArray());
    }

    [Fact]
    public async Task Other_files_and_newer_formats_are_refused()
    {
        await WriteAsync([1]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        byte[] newer = [.. whole];
        newer[8] = 3;
        await System.IO.File.WriteAllBytesAsync(File, newer);
        var version = await Assert.ThrowsAsync<StorageException>(() => _fixture.Store.OpenAsync(Name).AsTask());
        Assert.Contains("version 3", version.Message, StringComparison.Ordinal);
        foreach (byte[] bad in (byte[][])[[], "not a log"u8.ToArray(), Flip(whole, 20), Flip(whole, 0)])
        {
            await System.IO.File.WriteAllBytesAsync(File, bad);
            Assert.Equal(0, (await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask())).Position);
        }
    }

    private static byte[] Flip(byte[] bytes, int offset)
    {
        byte[] copy = [.. bytes];
        copy[offset] ^= 0x10;
        return copy;
    }

    private async Task<long[]> WriteAsync(params byte[][] payloads)
    {
        await using var log = await _fixture.Store.OpenAsync(Name);
        return (await log.AppendAsync(LogFixture.Records(payloads))).Positions;
    }

    /// <summary>The file as a process leaves it that is killed after its write and before its acknowledgement: the marks are the ones of before.</summary>
    private async Task<byte[]> AppendUnacknowledgedAsync(byte[] payload)
    {
        byte[] before = System.IO.File.ReadAllBytes(File);
        await using (var log = await _fixture.Store.OpenAsync(Name))
            await log.AppendAsync([payload]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        before.AsSpan(0, LocalLogFormat.MaxHeaderBytes).CopyTo(whole);
        await System.IO.File.WriteAllBytesAsync(File, whole);
        return whole;
    }

    private void AssertWarning(long bytes)
    {
        var (level, message) = Assert.Single(_fixture.Logger.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains($"{bytes} bytes", message, StringComparison.Ordinal);
        Assert.Contains(File, message, StringComparison.Ordinal);
    }
}
