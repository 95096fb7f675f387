# Runs Spark's History Server in its container, and once more if it ends or hangs.
set -u
control=$HISTORY_FOLDER/control
scratch=$HISTORY_FOLDER/tmp
server=

end() {
  echo "ERROR $2"
  echo "$2" >"$control/server-ended"
  exit "$1"
}

stop() {
  [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server"
  exit 0
}
trap stop TERM INT

until [ -e "$control/ready" ]; do sleep 0.2; done

for home in "${SPARK_HOME:-}" /opt/spark /usr/lib/spark; do
  [ -x "$home/bin/spark-class" ] && break
done
[ -x "$home/bin/spark-class" ] ||
  end 127 "the image has no Spark: neither SPARK_HOME, /opt/spark nor /usr/lib/spark holds bin/spark-class"

# A later line wins: what the task decides stands last. No here-document: before 5.1, Bash keeps one
# in a file of /tmp, which is read-only here.
printf '%s\n' "$HISTORY_SERVER_CONF" \
  "spark.history.fs.logDirectory=file://$HISTORY_FOLDER/logs" \
  "spark.history.store.path=$HISTORY_FOLDER/store" \
  "spark.history.ui.port=$HISTORY_PORT" \
  "spark.port.maxRetries=0" \
  >"$scratch/history-server.conf"
export SPARK_DAEMON_JAVA_OPTS="${SPARK_DAEMON_JAVA_OPTS:-} -Djava.io.tmpdir=$scratch -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError"

for life in first second; do
  "$home/bin/spark-class" org.apache.spark.deploy.history.HistoryServer \
    --properties-file "$scratch/history-server.conf" &
  server=$!
  while kill -0 "$server" 2>/dev/null; do
    if [ -e "$control/restart" ]; then
      rm -f "$control/restart"
      echo "WARNING the server does not answer"
      kill -KILL "$server"
    fi
    sleep 1
  done
  wait "$server"
  code=$?
  [ "$life" = first ] && echo "WARNING the server ended (exit code $code): starting it once more"
done
end 1 "Spark's History Server ended twice, the last time with exit code $code"
