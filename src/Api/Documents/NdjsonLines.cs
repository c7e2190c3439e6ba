using System.Buffers;
using System.IO.Pipelines;

namespace KgOrleans.Api.Documents;

/// <summary>Reads lines from a body of any length. A line that is too long is skipped without being held in memory.</summary>
/// <param name="reader">The body.</param>
/// <param name="maxLine">Most bytes of a line, without its end.</param>
internal sealed class NdjsonLines(PipeReader reader, int maxLine)
{
    private byte[] _joined = [];
    private long _number;
    private bool _skipping;
    private bool _ended;
    private ReadOnlySequence<byte> _buffer;
    private long _searched;
    private bool _held;

    /// <summary>Number of the line that was read last, from 1; counts empty lines too.</summary>
    public long Number => _number;

    /// <summary>Whether the line that was read last was too long, and <see cref="Current"/> is empty.</summary>
    public bool TooLong { get; private set; }

    /// <summary>The line that was read last, without its end; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>Moves to the next line; false at the end.</summary>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_held && TryTakeLine())
                return true;
            if (_held)
            {
                // Everything was looked at; a line that grew too long is let go of at once.
                reader.AdvanceTo(_skipping ? _buffer.End : _buffer.Start, _buffer.End);
                _held = false;
            }
            if (_ended)
                return false;
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCanceled)
            {
                reader.AdvanceTo(result.Buffer.Start);
                throw new OperationCanceledException();
            }
            _buffer = result.Buffer;
            _held = true;
            _ended = result.IsCompleted;
        }
    }

    private bool TryTakeLine()
    {
        // What came before of an unfinished line holds no end: only the new bytes are looked at.
        if (_buffer.Slice(Math.Min(_searched, _buffer.Length)).PositionOf((byte)'\n') is { } end)
        {
            _searched = 0;
            Take(_buffer.Slice(0, end));
            _buffer = _buffer.Slice(_buffer.GetPosition(1, end));
            return true;
        }
        if (_ended && (_buffer.Length > 0 || _skipping))
        {
            Take(_buffer);
            _buffer = _buffer.Slice(_buffer.End);
            return true;
        }
        // One byte more than allowed may still be the carriage return of a line of full length.
        _skipping |= _buffer.Length > maxLine + 1;
        _searched = _skipping ? 0 : _buffer.Length;
        return false;
    }

    private void Take(ReadOnlySequence<byte> line)
    {
        _number++;
        var content = !line.IsEmpty && line.Slice(line.Length - 1).FirstSpan[0] == '\r' ? line.Slice(0, line.Length - 1) : line;
        TooLong = _skipping || content.Length > maxLine;
        _skipping = false;
        if (TooLong)
            Current = default;
        else if (content.IsSingleSegment)
            Current = content.First;
        else
        {
            if (_joined.Length < content.Length)
                _joined = new byte[Math.Min(maxLine, Math.Max(content.Length, 2L * _joined.Length))];
            content.CopyTo(_joined);
            Current = _joined.AsMemory(0, (int)content.Length);
        }
    }
}
