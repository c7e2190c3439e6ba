namespace KgOrleans.Api.Tests.Fuzzing;

/// <summary>Requests whose head or framing is broken.</summary>
internal static class Framing
{
    private static readonly string[] Chunks =
    [
        "fffffffffffffffff\r\n{}\r\n0\r\n\r\n", "7fffffffffffffff\r\n{}", "80000000\r\n{}", "-2\r\n{}\r\n", "2\r\n{}\r\n0\r\nX: \u0001\r\n\r\n", "2;x=\"\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}", "0\r\n\r\n", "\r\n", "2 \r\n{}\r\n0\r\n\r\n", "0x2\r\n{}\r\n0\r\n\r\n", "2\n{}\n0\n\n", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ];

    private static readonly string[] Heads =
    [
        "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n", "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 10\r\n", "Content-Length: 0\r\n",
        "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "Host: a\r\nHost: b\r\n", "Expect: x\r\n", "Connection: upgrade\r\nUpgrade: h2c\r\n",
        ": x\r\n", "X\r\n", "X: a\r\n b\r\n", "X: \u0000\r\n", "Upgrade: websocket\r\nConnection: Upgrade\r\n",
    ];

    /// <summary>A request to an endpoint, broken somewhere.</summary>
    public static string Break(FuzzTarget target, string host, Random random)
    {
        var type = target.MediaType is null ? "" : $"Content-Type: {target.MediaType}\r\n";
        var line = random.Next(8) switch
        {
            1 => $"{target.Method}  {target.Path} HTTP/1.1",
            2 => $"{target.Method} http://{host}{target.Path} HTTP/1.1",
            3 => $"{target.Method} {target.Path}\u00ff\u0001 HTTP/1.1",
            _ => $"{target.Method} {target.Path} HTTP/1.1",
        };
        return random.Next(2) == 0
            ? $"{line}\r\nHost: {host}\r\n{type}Transfer-Encoding: chunked\r\n\r\n{Chunks[random.Next(Chunks.Length)]}"
            : $"{line}\r\nHost: {host}\r\n{type}{Heads[random.Next(Heads.Length)]}\r\n{target.Body}";
    }
}
