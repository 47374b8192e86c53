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

    public ChildConsole(Action<ChildTask?, string, string> onLine)
    {
        _out = new LineWriter("stdout", onLine);
        _error = new LineWriter("stderr", onLine);
        Console.SetOut(_out);
        Console.SetError(_error);
    }

    /// <summary>The task has ended: a line it left open is its last.</summary>
    public void EndLines(ChildTask task)
    {
        _out.EndLine(task);
        _error.EndLine(task);
    }

    public void Dispose()
    {
        Console.SetOut(_oldOut);
        Console.SetError(_oldError);
        _out.Dispose();
        _error.Dispose();
    }

    private sealed class LineWriter(string level, Action<ChildTask?, string, string> onLine) : TextWriter
    {
        private readonly Lock _gate = new();
        private readonly StringBuilder _betweenTasks = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_gate)
            {
                ChildTask? task = ChildTask.Current.Value;
                StringBuilder line = LineOf(task);
                while (buffer.IndexOf('\n') is >= 0 and int end)
                {
                    line.Append(buffer[..end]);
                    Emit(task, line);
                    buffer = buffer[(end + 1)..];
                }

                line.Append(buffer);
                if (line.Length >= LineSplitter.LongestLine)
                    Emit(task, line);
            }
        }

        public override void WriteLine(string? value) => Write((value + "\n").AsSpan());

        public void EndLine(ChildTask task)
        {
            lock (_gate)
            {
                if (LineOf(task) is { Length: > 0 } line)
                    Emit(task, line);
            }
        }

        private StringBuilder LineOf(ChildTask? task)
        {
            if (task is null)
                return _betweenTasks;
            if (!task.OpenLines.TryGetValue(level, out StringBuilder? line))
                task.OpenLines.Add(level, line = new StringBuilder());
            return line;
        }

        private void Emit(ChildTask? task, StringBuilder line)
        {
            string text = line.ToString().TrimEnd('\r');
            line.Clear();
            onLine(task, level, text);
        }
    }
}
