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
        var positions = await WriteAsync([1, 2, 3], new byte[40], [7, 8, 9, 10]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        long last = positions[2];
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
    public async Task A_last_record_with_a_flipped_bit_anywhere_is_cut_off()
    {
        var positions = await WriteAsync([1, 2, 3], [7, 8, 9, 10]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int offset = (int)positions[1]; offset < whole.Length; offset++)
        {
            await System.IO.File.WriteAllBytesAsync(File, Flip(whole, offset));
            _fixture.Logger.Entries.Clear();
            await using var log = await _fixture.Store.OpenAsync(Name);
            Assert.Equal([[1, 2, 3]], await LogFixture.ReadAllAsync(log));
            AssertWarning(whole.Length - positions[1]);
        }
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
        await using (var log = await _fixture.Store.OpenAsync(Name))
            await log.AppendAsync([image]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
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
        newer[8] = 2;
        await System.IO.File.WriteAllBytesAsync(File, newer);
        var version = await Assert.ThrowsAsync<StorageException>(() => _fixture.Store.OpenAsync(Name).AsTask());
        Assert.Contains("version 2", version.Message, StringComparison.Ordinal);
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

    private void AssertWarning(long bytes)
    {
        var (level, message) = Assert.Single(_fixture.Logger.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains($"{bytes} bytes", message, StringComparison.Ordinal);
        Assert.Contains(File, message, StringComparison.Ordinal);
    }
}
