using System.Net.Sockets;
using System.Text;

namespace KgOrleans.Api.Tests.Fakes;

/// <summary>A TCP connection that sends what it is told to, whether or not that is HTTP.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;

    private RawConnection(TcpClient tcp)
    {
        _tcp = tcp;
        _stream = tcp.GetStream();
    }

    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        // A small window: an answer that is not read fills it soon.
        var tcp = new TcpClient { ReceiveBufferSize = 4_096, NoDelay = true };
        await tcp.ConnectAsync(address.Host, address.Port);
        return new RawConnection(tcp);
    }

    /// <summary>Sends the head of a request whose body does not come, and waits until the server asks for it.</summary>
    public static async Task<RawConnection> StallAsync(Uri address, string method, string path, string mediaType, string headers = "")
    {
        var connection = await OpenAsync(address);
        await connection.SendAsync(
            $"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: {mediaType}\r\nContent-Length: 100000\r\n{headers}Expect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100", await connection.ReadHeadAsync());
        return connection;
    }

    public ValueTask SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public ValueTask SendAsync(byte[] bytes) => _stream.WriteAsync(bytes);

    /// <summary>Whether the other side closed the connection and everything that it sent was read.</summary>
    public bool IsClosed =>
        (_tcp.Client.Poll(TimeSpan.Zero, SelectMode.SelectRead) && _tcp.Available == 0) || _tcp.Client.Poll(TimeSpan.Zero, SelectMode.SelectError);

    /// <summary>Reads what is there and forgets it.</summary>
    public async Task SkipAsync()
    {
        var scratch = new byte[4_096];
        while (_stream.DataAvailable && await _stream.ReadAsync(scratch) > 0)
            continue;
    }

    /// <summary>Says that nothing more comes.</summary>
    public void EndOfSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads to the end of the next head; what came when the connection ends before.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var next = new byte[1];
        try
        {
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(next) > 0)
                head.Append((char)next[0]);
        }
        catch (IOException)
        {
            // Reset: nothing more comes.
        }
        return head.ToString();
    }

    /// <summary>Status of the next answer; 0 when the connection ends instead.</summary>
    public async Task<int> ReadStatusAsync() =>
        await ReadHeadAsync() is { Length: > 12 } head ? int.Parse(head.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0;

    public void Dispose()
    {
        _stream.Dispose();
        _tcp.Dispose();
    }
}
