using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KgOrleans.TestSupport;

/// <summary>What a <see cref="FaultyProxy"/> does to traffic.</summary>
public enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Cuts every connection, also new ones, as soon as bytes come.</summary>
    Cut,

    /// <summary>Answers every HTTP request with status 500 and does not pass it on.</summary>
    ServerError,

    /// <summary>Holds every byte of requests back for <see cref="FaultyProxy.Latency"/>.</summary>
    Delay,

    /// <summary>Passes requests on and cuts the connection instead of answering: the change happened, and the caller cannot know.</summary>
    LoseAnswers,
}

/// <summary>A TCP proxy on the loopback interface that can misbehave. The fault applies to open connections too.</summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private static readonly byte[] ServerErrorAnswer = Encoding.ASCII.GetBytes(
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly Task _accepting;
    private int _fault;

    /// <summary>Starts a proxy to a port of the loopback interface.</summary>
    public FaultyProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port to connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The fault, <see cref="Fault.None"/> at first.</summary>
    public Fault Fault
    {
        get => (Fault)Volatile.Read(ref _fault);
        set => Volatile.Write(ref _fault, (int)value);
    }

    /// <summary>How long <see cref="Fault.Delay"/> holds bytes back.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var connection = ServeAsync(client);
                _connections.TryAdd(connection, 0);
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // The proxy stops.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                await Task.WhenAny(PassRequestsAsync(client, server, ended.Token), PassAnswersAsync(client, server, ended.Token));
                await ended.CancelAsync();
            }
            catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
            {
                // One side is gone: the other is closed, which is what a network does.
            }
        }
    }

    private async Task PassRequestsAsync(TcpClient client, TcpClient server, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        for (int read; (read = await client.GetStream().ReadAsync(buffer, cancellationToken)) > 0;)
        {
            switch (Fault)
            {
                case Fault.Cut:
                    return;
                case Fault.ServerError:
                    await client.GetStream().WriteAsync(ServerErrorAnswer, cancellationToken);
                    return;
                case Fault.Delay:
                    await Task.Delay(Latency, cancellationToken);
                    break;
            }
            await server.GetStream().WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private async Task PassAnswersAsync(TcpClient client, TcpClient server, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        for (int read; (read = await server.GetStream().ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (Fault is Fault.Cut or Fault.LoseAnswers)
                return;
            await client.GetStream().WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
