using System.Text;

namespace Essaim;

/// <summary>
/// Takes over <see cref="Console"/> in a child, so that what a task prints is known to be that task's. What native code or
/// programs write to the descriptors themselves still reaches the worker through the process's own stdout and stderr.
/// </summary>
internal sealed class ChildConsole : IDisposable
{
    private readonly TextWriter _oldOut = Console.Out;
    private readonly TextWriter _oldError = Console.Error;
    private readonly LineWriter _out;
    private readonly LineWriter _error;

    public ChildConsole(Action<string, string> onLine)
    {
        _out = new LineWriter("stdout", onLine);
        _error = new LineWriter("stderr", onLine);
        Console.SetOut(_out);
        Console.SetError(_error);
    }

    /// <summary>The task has ended: a line it left open is its last.</summary>
    public void EndLine()
    {
        _out.EndLine();
        _error.EndLine();
    }

    public void Dispose()
    {
        Console.SetOut(_oldOut);
        Console.SetError(_oldError);
        _out.Dispose();
        _error.Dispose();
    }

    private sealed class LineWriter(string level, Action<string, string> onLine) : TextWriter
    {
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_line)
            {
                while (buffer.IndexOf('\n') is >= 0 and int end)
                {
                    _line.Append(buffer[..end]);
                    Emit();
                    buffer = buffer[(end + 1)..];
                }

                _line.Append(buffer);
                if (_line.Length >= LineSplitter.LongestLine)
                    Emit();
            }
        }

        public override void WriteLine(string? value) => Write((value + "\n").AsSpan());

        public void EndLine()
        {
            lock (_line)
            {
                if (_line.Length > 0)
                    Emit();
            }
        }

        private void Emit()
        {
            string line = _line.ToString().TrimEnd('\r');
            _line.Clear();
            onLine(level, line);
        }
    }
}
