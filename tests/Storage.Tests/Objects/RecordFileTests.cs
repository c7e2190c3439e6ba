using KgOrleans.Storage.Objects;

namespace KgOrleans.Storage.Tests.Objects;

[Trait("Suite", "Unit")]
public sealed class RecordFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LocalObjectStore _store;

    public RecordFileTests() => _store = new LocalObjectStore(_directory.Path);

    private static CancellationToken None => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_directory.Path, "file");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Records_are_read_back_in_order_and_by_their_offsets()
    {
        byte[][] records = [[], [1], Content(100_000), Content(5_000_000), Content(4_096), [2]];
        var offsets = await WriteAsync(records);
        await using var file = (await RecordFileReader.OpenAsync(_store, "file", None))!;
        var seen = new List<long>();
        await file.VerifyAsync((offset, payload) => seen.Add(offset), None);
        Assert.Equal(offsets, seen);
        Assert.Equal(records, await ReadAsync(file, RecordFileReader.Start));
        Assert.Equal(records[3..], await ReadAsync(file, offsets[3]));
        Assert.Empty(await ReadAsync(file, file.EndOffset));
        for (var i = 0; i < records.Length; i++)
            Assert.Equal(records[i], (await file.ReadAtAsync(offsets[i], None)).ToArray());
        Assert.Null(await RecordFileReader.OpenAsync(_store, "other", None));
    }

    [Fact]
    public async Task Every_flipped_byte_and_every_cut_is_found_with_the_name_of_the_file()
    {
        await WriteAsync([[1, 2, 3], Content(40), []]);
        var whole = System.IO.File.ReadAllBytes(File);
        for (var at = 0; at < whole.Length; at++)
        {
            var bytes = (byte[])whole.Clone();
            bytes[at] ^= 0x10;
            await AssertDamagedAsync(bytes);
            bytes[at] = 0;
            if (whole[at] != 0)
                await AssertDamagedAsync(bytes);
            await AssertDamagedAsync(whole[..at]);
        }
        await AssertDamagedAsync([.. whole, 0]);
    }

    [Fact]
    public async Task A_record_of_another_file_or_place_is_no_record()
    {
        var offsets = await WriteAsync([Content(40), Content(40)]);
        var first = System.IO.File.ReadAllBytes(File);
        await WriteAsync([Content(40), Content(40)]);
        var second = System.IO.File.ReadAllBytes(File);
        var foreign = (byte[])second.Clone();
        first.AsSpan((int)offsets[0], 48).CopyTo(foreign.AsSpan((int)offsets[0]));
        await AssertDamagedAsync(foreign);
        var swapped = (byte[])second.Clone();
        second.AsSpan((int)offsets[0], 48).CopyTo(swapped.AsSpan((int)offsets[1]));
        await AssertDamagedAsync(swapped);
    }

    [Fact]
    public async Task A_newer_format_is_refused_with_what_to_do_and_so_is_a_record_that_is_too_large()
    {
        await WriteAsync([[1]]);
        var bytes = System.IO.File.ReadAllBytes(File);
        bytes[4] = 9;
        System.IO.File.WriteAllBytes(File, bytes);
        var failure = await Assert.ThrowsAsync<StorageException>(async () => await RecordFileReader.OpenAsync(_store, "file", None));
        Assert.Contains("format 9", failure.Message);
        await using var writer = await RecordFileWriter.CreateAsync(_store, "large", None);
        await Assert.ThrowsAsync<ArgumentException>(async () => await writer.AddAsync(new byte[RecordFileReader.MaxRecordBytes + 1], None));
    }

    private async Task AssertDamagedAsync(byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File, bytes);
        var failure = await Assert.ThrowsAnyAsync<StorageException>(async () =>
        {
            await using var file = (await RecordFileReader.OpenAsync(_store, "file", None))!;
            await file.VerifyAsync(cancellationToken: None);
        });
        Assert.Contains(File, failure.Message);
    }

    private async Task<List<long>> WriteAsync(byte[][] records)
    {
        await using var writer = await RecordFileWriter.CreateAsync(_store, "file", None);
        var offsets = new List<long>();
        foreach (var record in records)
            offsets.Add(await writer.AddAsync(record, None));
        await writer.CompleteAsync(None);
        return offsets;
    }

    private static async Task<List<byte[]>> ReadAsync(RecordFileReader file, long from)
    {
        var records = new List<byte[]>();
        await foreach (var (_, payload) in file.ReadAsync(from, None))
            records.Add(payload.ToArray());
        return records;
    }

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }
}
