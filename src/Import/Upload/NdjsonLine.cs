using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Import.Upload;

/// <summary>A line of NDJSON on its way to the service.</summary>
/// <param name="Name">What a message calls it: <c>line 12</c> or <c>item 51</c>.</param>
/// <param name="Utf8">The JSON; null for a line that is longer than any may be.</param>
public readonly record struct NdjsonLine(string Name, byte[]? Utf8)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>The lines of documents that are not in a file.</summary>
    public static async IAsyncEnumerable<NdjsonLine> Of<T>(IEnumerable<T> documents, Func<T, string> name)
    {
        foreach (var document in documents)
            yield return new NdjsonLine(name(document), JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options));
        await Task.CompletedTask;
    }

    /// <summary>The lines of a stream that are not blank, counted from 1. Memory is bounded by the longest line allowed, whatever the stream holds.</summary>
    public static async IAsyncEnumerable<NdjsonLine> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: Limits.NdjsonLine, leaveOpen: true));
        long number = 1;
        // The part of a line that is too long is dropped as it comes; only the fact is kept.
        var tooLong = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                if (Line(buffer.Slice(0, end), number++, tooLong) is { } line)
                    yield return line;
                tooLong = false;
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }
            if (read.IsCompleted)
            {
                if (Line(buffer, number, tooLong) is { } last)
                    yield return last;
                break;
            }
            if (buffer.Length > Limits.NdjsonLine)
            {
                tooLong = true;
                buffer = buffer.Slice(buffer.End);
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
        }
        await reader.CompleteAsync();
    }

    private static NdjsonLine? Line(ReadOnlySequence<byte> bytes, long number, bool tooLong)
    {
        var name = $"line {number}";
        if (tooLong || bytes.Length > Limits.NdjsonLine)
            return new NdjsonLine(name, null);
        var line = bytes.ToArray().AsSpan();
        if (number == 1 && line.StartsWith(ByteOrderMark))
            line = line[ByteOrderMark.Length..];
        line = line.Trim(" \t\r"u8);
        return line.IsEmpty ? null : new NdjsonLine(name, line.ToArray());
    }
}
