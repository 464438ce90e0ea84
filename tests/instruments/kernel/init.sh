#!/bin/sh
# /init of the guest: modules, udev, the host's root over 9p, then the program from the command line.
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1 </dev/null
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mkdir -p /run/udev /run/lock
for module in $(cat /modules/order); do insmod "/modules/$module.ko" || echo "insmod $module failed"; done
systemd-udevd --daemon --resolve-names=never
mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,msize=524288,ro root /mnt
for folder in proc sys dev run tmp; do mount --bind "/$folder" "/mnt/$folder"; done
tries=0
while [ ! -e /sys/bus/usb/devices/1-1:1.0/driver ] && [ $tries -lt 100 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
program=$(sed -n 's/.*program=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' ')
chroot /mnt /usr/bin/env PATH=/usr/bin:/bin:/usr/sbin:/sbin $program
code=$?
[ $code = 0 ] || dmesg | grep -iE 'usb|xhci' | tail -n 20
printf "\\x0$([ $code = 0 ] && echo 0 || echo 1)" | dd of=/dev/port bs=1 seek=244 2>/dev/null
sleep 1
poweroff -f
