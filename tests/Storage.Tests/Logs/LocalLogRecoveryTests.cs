using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Tests.Logs;

/// <summary>What an opening makes of files as crashes and damage leave them.</summary>
[Trait("Suite", "Unit")]
public sealed class LocalLogRecoveryTests : IDisposable
{
    private const string Name = "shard-000";
    private readonly LogFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_tail_torn_at_any_byte_is_left_out_with_one_warning()
    {
        await WriteAsync([1, 2, 3], new byte[40]);
        var left = await AppendUnacknowledgedAsync([7, 8, 9, 10]);
        int last = left.Segment.Length - SegmentFormat.RecordHeaderBytes - 4;
        for (int length = last; length < left.Segment.Length; length++)
        {
            Restore(left with { Segment = left.Segment[..length] });
            _fixture.Logger.Entries.Clear();
            await using (var log = await _fixture.Store.OpenAsync(Name))
            {
                Assert.Equal([[1, 2, 3], new byte[40]], await LogFixture.ReadAllAsync(log));
                await log.AppendAsync([new byte[] { 42 }]);
                Assert.Equal([[1, 2, 3], new byte[40], [42]], await LogFixture.ReadAllAsync(log));
            }
            if (length == last)
                Assert.Empty(_fixture.Logger.Entries);
            else
                AssertWarning(length - last, left.Path);
        }
    }

    [Fact]
    public async Task A_last_record_with_a_flipped_bit_anywhere_is_left_out_when_nobody_was_told_of_it()
    {
        await WriteAsync([1, 2, 3]);
        var left = await AppendUnacknowledgedAsync([7, 8, 9, 10]);
        int last = left.Segment.Length - SegmentFormat.RecordHeaderBytes - 4;
        for (int offset = last; offset < left.Segment.Length; offset++)
        {
            Restore(left with { Segment = Flip(left.Segment, offset) });
            _fixture.Logger.Entries.Clear();
            await using var log = await _fixture.Store.OpenAsync(Name);
            Assert.Equal([[1, 2, 3]], await LogFixture.ReadAllAsync(log));
            AssertWarning(left.Segment.Length - last, left.Path);
        }
    }

    [Fact]
    public async Task Any_damage_to_what_was_acknowledged_refuses_the_start_by_name_and_changes_no_segment()
    {
        await WriteAsync([1, 2, 3], new byte[20], [7, 8, 9, 10]);
        var whole = Left();
        for (int offset = 0; offset < whole.Segment.Length; offset++)
        {
            // One mark of the two may be damaged.
            if (offset >= SegmentFormat.OffsetOfMark(0) && offset < SegmentFormat.HeaderBytes)
                continue;
            foreach (byte[] damaged in (byte[][])[Flip(whole.Segment, offset), whole.Segment[..offset]])
            {
                Restore(whole with { Segment = damaged });
                var refused = await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask());
                Assert.Contains(whole.Path, refused.Message, StringComparison.Ordinal);
                Assert.Equal(damaged, System.IO.File.ReadAllBytes(whole.Path));
            }
        }
        Restore(whole);
        await using var log = await _fixture.Store.OpenAsync(Name);
        Assert.Equal([[1, 2, 3], new byte[20], [7, 8, 9, 10]], await LogFixture.ReadAllAsync(log));
    }

    [Fact]
    public async Task One_damaged_mark_is_harmless_and_two_are_refused()
    {
        await WriteAsync([1, 2, 3]);
        var whole = Left();
        for (int offset = 0; offset < 2 * SegmentFormat.MarkBytes; offset++)
        {
            Restore(whole with { Segment = Flip(whole.Segment, SegmentFormat.OffsetOfMark(0) + offset) });
            await using var log = await _fixture.Store.OpenAsync(Name);
            Assert.Equal([[1, 2, 3]], await LogFixture.ReadAllAsync(log));
        }
        Restore(whole with { Segment = Flip(Flip(whole.Segment, SegmentFormat.OffsetOfMark(0)), SegmentFormat.OffsetOfMark(1)) });
        await Assert.ThrowsAsync<LogCorruptException>(() => _fixture.Store.OpenAsync(Name).AsTask());
    }

    [Fact]
    public async Task Any_damage_to_the_manifest_refuses_the_start_by_name()
    {
        await WriteAsync([1, 2, 3]);
        var whole = Left();
        for (int offset = 0; offset < whole.Manifest.Length; offset++)
        {
            foreach (byte[] damaged in (byte[][])[Flip(whole.Manifest, offset), whole.Manifest[..offset]])
            {
                Restore(whole with { Manifest = damaged });
                var refused = await Assert.ThrowsAnyAsync<StorageException>(() => _fixture.Store.OpenAsync(Name).AsTask());
                Assert.Contains(_fixture.ManifestOf(Name), refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_missing_segment_or_manifest_and_one_of_another_log_are_refused_by_name()
    {
        await WriteAsync([1]);
        await using (var other = await _fixture.Store.OpenAsync("shard-001"))
            await other.AppendAsync([new byte[] { 2 }]);
        var whole = Left();
        System.IO.File.Delete(whole.Path);
        await RefusedAsync(whole.Path);
        Restore(whole with { Segment = System.IO.File.ReadAllBytes(_fixture.FileOf("shard-001")) });
        await RefusedAsync(whole.Path);

        Restore(whole);
        System.IO.File.Delete(_fixture.ManifestOf(Name));
        await RefusedAsync(_fixture.ManifestOf(Name));
        Restore(whole);
        System.IO.File.Delete(Path.Combine(_fixture.Root, "manifest.json"));
        await using (var log = await Reopened().OpenAsync(Name))
            Assert.Equal([[1]], await LogFixture.ReadAllAsync(log));
        await System.IO.File.WriteAllTextAsync(Path.Combine(_fixture.Root, "manifest.json"), "{");
        await RefusedAsync("manifest.json");

        LocalLogStore Reopened() => new(_fixture.Root, _fixture.Logger);

        async Task RefusedAsync(string named)
        {
            var refused = await Assert.ThrowsAnyAsync<StorageException>(() => Reopened().OpenAsync(Name).AsTask());
            Assert.Contains(named, refused.Message, StringComparison.Ordinal);
            Assert.False(refused.IsTransient);
        }
    }

    [Fact]
    public async Task Zeros_behind_the_end_are_a_torn_tail()
    {
        await WriteAsync([1, 2, 3]);
        var left = Left();
        Restore(left with { Segment = [.. left.Segment, .. new byte[5000]] });
        await using var log = await _fixture.Store.OpenAsync(Name);
        Assert.Equal([[1, 2, 3]], await LogFixture.ReadAllAsync(log));
        AssertWarning(5000, left.Path);
    }

    [Fact]
    public async Task A_torn_record_that_contains_a_log_image_is_still_torn()
    {
        await WriteAsync([1], [2]);
        byte[] image = Left().Segment;
        var left = await AppendUnacknowledgedAsync(image);
        Restore(left with { Segment = left.Segment[..^1] });
        await using var reopened = await _fixture.Store.OpenAsync(Name);
        Assert.Equal([[1], [2]], await LogFixture.ReadAllAsync(reopened));
    }

    [Fact]
    public async Task Damage_that_appears_while_the_log_is_open_is_found_by_the_reader()
    {
        await using var log = await _fixture.Store.OpenAsync(Name);
        long[] positions = (await log.AppendAsync(LogFixture.Records([1, 2, 3], [4]))).Positions;
        using (var file = System.IO.File.OpenHandle(_fixture.FileOf(Name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            RandomAccess.Write(file, [0xFF], SegmentFormat.HeaderBytes + 8);

        Assert.Equal(positions[0], (await Assert.ThrowsAsync<LogCorruptException>(() => log.ReadAtAsync(positions[0]).AsTask())).Position);
        await Assert.ThrowsAsync<LogCorruptException>(() => LogFixture.ReadAllAsync(log));
        Assert.Equal([4], (await log.ReadAtAsync(positions[1])).ToArray());
    }

    [Fact]
    public async Task What_a_crash_left_beside_the_manifest_is_removed()
    {
        await WriteAsync([1]);
        string orphan = Path.Combine(Path.GetDirectoryName(_fixture.FileOf(Name))!, LogOpening.NameOf(500, epoch: 1));
        string newer = Path.Combine(Path.GetDirectoryName(orphan)!, LogOpening.NameOf(500, epoch: 99));
        await System.IO.File.WriteAllTextAsync(orphan, "half a segment");
        await System.IO.File.WriteAllTextAsync(newer, "somebody else's");
        await using var log = await _fixture.Store.OpenAsync(Name);
        Assert.Equal([[1]], await LogFixture.ReadAllAsync(log));
        Assert.False(System.IO.File.Exists(orphan));
        Assert.True(System.IO.File.Exists(newer));
    }

    [Fact]
    public async Task A_newer_format_is_refused()
    {
        await WriteAsync([1]);
        var whole = Left();
        var newer = LogManifest.Parse("", whole.Manifest) with { Format = LogManifest.CurrentFormat + 1 };
        Restore(whole with { Manifest = newer.ToBytes() });
        var version = await Assert.ThrowsAsync<StorageException>(() => _fixture.Store.OpenAsync(Name).AsTask());
        Assert.Contains($"format {LogManifest.CurrentFormat + 1}", version.Message, StringComparison.Ordinal);
    }

    private static byte[] Flip(byte[] bytes, int offset)
    {
        byte[] copy = [.. bytes];
        copy[offset] ^= 0x10;
        return copy;
    }

    private async Task WriteAsync(params byte[][] payloads)
    {
        await using var log = await _fixture.Store.OpenAsync(Name);
        await log.AppendAsync(LogFixture.Records(payloads));
    }

    private Files Left() =>
        new(System.IO.File.ReadAllBytes(_fixture.ManifestOf(Name)), _fixture.FileOf(Name), System.IO.File.ReadAllBytes(_fixture.FileOf(Name)));

    private void Restore(Files files)
    {
        foreach (string file in _fixture.FilesOf(Name))
            System.IO.File.Delete(file);
        System.IO.File.WriteAllBytes(_fixture.ManifestOf(Name), files.Manifest);
        System.IO.File.WriteAllBytes(files.Path, files.Segment);
    }

    /// <summary>The files as a process leaves them that is killed after its write and before its acknowledgement: the marks are the ones of before.</summary>
    private async Task<Files> AppendUnacknowledgedAsync(byte[] payload)
    {
        byte[] header;
        await using (var log = await _fixture.Store.OpenAsync(Name))
        {
            header = System.IO.File.ReadAllBytes(_fixture.FileOf(Name))[..SegmentFormat.HeaderBytes];
            await log.AppendAsync([payload]);
        }
        var left = Left();
        header.CopyTo(left.Segment, 0);
        return left;
    }

    private void AssertWarning(long bytes, string file)
    {
        var (level, message) = Assert.Single(_fixture.Logger.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains($"{bytes} bytes", message, StringComparison.Ordinal);
        Assert.Contains(file, message, StringComparison.Ordinal);
    }

    /// <summary>A log's manifest and its only segment.</summary>
    private sealed record Files(byte[] Manifest, string Path, byte[] Segment);
}
