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
    private const int ReadBytes = 64 << 10;

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
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        long number = 1;
        // The part of a line that is too long is dropped as it comes; only the fact is kept.
        var tooLong = false;
        // Bytes of an unfinished line that hold no end.
        long searched = 0;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var buffer = read.Buffer;
            while (buffer.Slice(searched).PositionOf((byte)'\n') is { } end)
            {
                searched = 0;
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
            if (buffer.Length > Limits.DocumentBytes)
            {
                tooLong = true;
                buffer = buffer.Slice(buffer.End);
            }
            searched = buffer.Length;
            reader.AdvanceTo(buffer.Start, buffer.End);
        }
        await reader.CompleteAsync();
    }

    private static NdjsonLine? Line(ReadOnlySequence<byte> bytes, long number, bool tooLong)
    {
        var name = $"line {number}";
        if (tooLong || bytes.Length > Limits.DocumentBytes)
            return new NdjsonLine(name, null);
        var line = bytes.ToArray().AsSpan();
        // Any line may be the first of a file that was appended to another.
        while (line.StartsWith(ByteOrderMark))
            line = line[ByteOrderMark.Length..];
        line = line.Trim(" \t\r"u8);
        return line.IsEmpty ? null : new NdjsonLine(name, line.ToArray());
    }
}
