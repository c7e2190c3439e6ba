using System.Net;
using System.Net.Sockets;

namespace KgOrleans.Silo;

/// <summary>Free ports for a silo that only its own process talks to.</summary>
internal static class LoopbackPort
{
    public static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
